"""What is recorded of sign-ins: who came in and left, who was refused, and what changed about how they come in.

It stands in the audit of each organisation where the account works, for the account opens each of them; at the platform
where it works nowhere, or where there is no such account. An email that nobody has is kept as its blind token under the
platform's key: enough to see that one is tried again and again, and no more, for people also type their password there.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.cache import cache
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from apps.accounts.actions import workplaces_of
from apps.accounts.models import User
from apps.audit import recording as audit
from apps.core.actor import SYSTEM_ID, Actor
from apps.core.database import run
from apps.doors.addresses import client_address
from apps.doors.tracing import request_id_of
from apps.tenants.context import acting_as, is_at_work
from apps.tenants.models import PLATFORM_ID
from apps.vault import blind

# While someone is locked out each further try would be a row; one of these seconds is enough.
LOCKED_OUT_ONCE_IN_SECONDS = 300
UNKNOWN = "Unknown"
SETTINGS = ("throughline.user_id", "throughline.tenant_id", "throughline.presented_email")
READ_SETTINGS = f"SELECT {', '.join(f"current_setting('{name}', true)" for name in SETTINGS)}"
WRITE_SETTINGS = f"SELECT {', '.join(f"set_config('{name}', %s, true)" for name in SETTINGS)}"


def failed(request: HttpRequest, email: str) -> None:
    """A password that does not fit, or an account that is none."""
    _note_of_stranger(request, "account.sign_in_failed", email)


def locked_out(request: HttpRequest, email: str) -> None:
    """Too many tries for this email or from this address."""
    token = blind.normalise(email)
    if cache.add(f"locked-out:{uuid.uuid5(PLATFORM_ID, token)}", 1, LOCKED_OUT_ONCE_IN_SECONDS):
        _note_of_stranger(request, "account.locked_out", email)


def unlock_refused(request: HttpRequest, action: str) -> None:
    """Someone at a locked page, or about to break a glass, who does not know the password of who is signed in."""
    user = cast(User, request.user)
    if is_at_work():
        audit.record(action, rows=[user.id], reason="sign_in")
    else:
        _note(request, action, user)


@receiver(user_logged_in)
def _signed_in(request: HttpRequest, user: User, **kwargs: object) -> None:
    _note(request, "account.signed_in", user)


@receiver(user_logged_out)
def _signed_out(request: HttpRequest, user: User | None, **kwargs: object) -> None:
    if user is not None:
        _note(request, "account.signed_out", user)


@receiver(password_changed)
@receiver(password_reset)
def _password_set(request: HttpRequest, user: User, **kwargs: object) -> None:
    _note(request, "account.password_set", user)


@receiver(authenticator_added)
def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    _note(request, "account.second_factor_added", user, {"type": str(authenticator.type)})


@receiver(authenticator_removed)
def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    _note(request, "account.second_factor_removed", user, {"type": str(authenticator.type)})


@receiver(authenticator_reset)
def _factor_reset(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    _note(request, "account.second_factor_renewed", user, {"type": str(authenticator.type)})


@receiver(authentication_failed)
def _factor_refused(request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: object) -> None:
    _note(request, "account.second_factor_failed", user, {"type": str(authenticator.type)})


def _note(request: HttpRequest, action: str, user: User, details: Mapping[str, str] | None = None) -> None:
    with transaction.atomic(), _settings_kept():
        _write(request, action, user.id, user.name, [user.id], _places_of(user.id), details or {})


def _note_of_stranger(request: HttpRequest, action: str, email: str) -> None:
    """Whoever tried is nobody known. A known account and an unknown one take the same steps, and so the same time."""
    with transaction.atomic(), _settings_kept():
        try:
            user = User.objects.get_by_natural_key(email.replace("\x00", ""))
        except User.DoesNotExist:
            user = None
        places = _places_of(user.id if user else uuid.uuid4())
        token = blind.token(PLATFORM_ID, "account.email", blind.normalise(email)).hex()
        details = {} if user else {"email_token": token}
        _write(request, action, SYSTEM_ID, UNKNOWN, [user.id] if user else [], places, details)


def _write(
    request: HttpRequest,
    action: str,
    actor_id: uuid.UUID,
    name: str,
    rows: list[uuid.UUID],
    places: list[uuid.UUID],
    details: Mapping[str, str],
) -> None:
    actor = Actor(
        kind="person",
        id=actor_id,
        name=name,
        tenant_id=places[0],
        request_id=request_id_of(request),
        address=client_address(request),
        door="portal",
    )
    with acting_as(actor):
        for place in places:
            audit.record(action, rows=rows, reason="sign_in", details=details, tenant_id=place)


def _places_of(user_id: uuid.UUID) -> list[uuid.UUID]:
    places = workplaces_of(user_id)
    live = [place.tenant_id for place in places if not place.is_sandbox]
    return live or [place.tenant_id for place in places] or [PLATFORM_ID]


@contextmanager
def _settings_kept() -> Iterator[None]:
    """What the request's transaction is shown afterwards is what it was shown before."""
    before = run([(READ_SETTINGS, ())])[0][0]
    yield
    run([(WRITE_SETTINGS, tuple(value or "" for value in before))])
