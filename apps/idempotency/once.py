"""A form that is sent twice makes one thing."""

import uuid
from collections.abc import Callable

import msgspec
from django.db import transaction

from apps.idempotency import actions
from apps.tenants.context import current_work
from apps.vault import blind


def once(token: uuid.UUID | None, *, path: str, content: object, make: Callable[[], uuid.UUID]) -> uuid.UUID:
    """The id of what the form with this token makes, or made when the acting person sent it the first time.

    `content` is what was sent, which JSON can say. Raises `KeyReused` when the form had another content then. What `make`
    refuses leaves no claim behind, so that the form can be mended and sent again. Without a token nothing is remembered.
    """
    if token is None:
        return make()
    work = current_work()
    # Keyed, since a plain digest would give away what has few possible answers.
    sent = blind.fingerprint(work.tenant_id, "form", msgspec.json.encode([path, content], order="sorted"))
    with transaction.atomic():
        claim = actions.claim(caller=f"portal:{work.actor.id}", key=str(token), fingerprint=sent)
        if isinstance(claim, actions.Replay):
            return uuid.UUID(bytes=claim.body)
        made = make()
        actions.keep(claim, status=302, body=made.bytes)
        return made
