"""A form that makes a note makes one, however often it is sent: by the token in it, which its first sending claims."""

import uuid
from collections.abc import Callable

import msgspec
from django.db import transaction

from apps.accounts.pages import PortalRequest
from apps.idempotency import actions as idempotency
from apps.idempotency.models import FirstAnswer
from apps.notes.models import Note


def once(request: PortalRequest, token: uuid.UUID | None, content: object, write_note: Callable[[], Note]) -> uuid.UUID:
    """The id of the note that this form makes, or made when it was sent the first time.

    Raises `KeyReused` when the form had other words then. A refusal leaves no claim behind.
    """
    sent = idempotency.fingerprint("POST", request.path, msgspec.json.encode(content, order="sorted"))
    with transaction.atomic():
        claim = idempotency.claim(caller=_caller(request), key=str(token or uuid.uuid4()), fingerprint=sent)
        if isinstance(claim, idempotency.Replay):
            return uuid.UUID(bytes=claim.body)
        note = write_note()
        idempotency.keep(claim, status=302, body=note.id.bytes)
        return note.id


def was_sent(request: PortalRequest, token: uuid.UUID | None) -> bool:
    sent = FirstAnswer.objects.filter(tenant_id=request.actor.tenant_id, caller=_caller(request), key=str(token))
    return sent.exists()


def with_new_token(request: PortalRequest) -> dict[str, object]:
    return {**request.POST.dict(), "token": uuid.uuid4()}


def _caller(request: PortalRequest) -> str:
    return f"portal:{request.actor.id}"
