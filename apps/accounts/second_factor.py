"""The second factor: its secrets sealed, its place in sign-in, and who still lacks it."""

import base64
import time
from dataclasses import dataclass
from typing import Any, cast

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest

from apps.accounts.models import User
from apps.tenants.models import PLATFORM_ID
from apps.vault.cipher import seal, unseal

ENROLLED = "second_factor_at"
TABLE, COLUMN = "mfa_authenticator", "data"


class MFAAdapter(DefaultMFAAdapter):
    """Seals TOTP secrets and recovery codes under the platform's key: an account belongs to no one tenant.

    The associated data names table and column; allauth does not say of which row the secret is.
    """

    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(PLATFORM_ID, TABLE, COLUMN, PLATFORM_ID, text.encode())).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(PLATFORM_ID, TABLE, COLUMN, PLATFORM_ID, base64.b64decode(encrypted_text)).decode()


@receiver(authenticator_added)
def _enrolled(request: HttpRequest, authenticator: Authenticator, **kwargs: object) -> None:
    """Whoever has just enrolled has just shown the factor."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        request.session[ENROLLED] = time.time()


def is_missing(request: HttpRequest) -> bool:
    """Whether this session must still show or enrol a second factor."""
    if not settings.REQUIRE_MFA or ENROLLED in request.session:
        return False
    return not any(each["method"] == "mfa" for each in get_authentication_records(request, cast(User, request.user)))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person may show as second factor: a code, a passkey by these options of the browser's `get`, or nothing."""

    code: bool
    passkey: dict[str, Any] | None


def asked_of(user: User) -> Asked:
    """By what is enrolled; in a transaction to which the account's own rows are open."""
    types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    passkey = webauthn.begin_authentication(user)["publicKey"] if Authenticator.Type.WEBAUTHN in types else None
    return Asked(bool(types - {Authenticator.Type.WEBAUTHN}), passkey)


def why_not_shown(user: User, code: str, credential: str) -> str:
    """Why neither the code nor the passkey's answer shows the second factor; empty when one does, or none is enrolled."""
    if not Authenticator.objects.filter(user=user).exists():
        return ""
    form = (
        ReauthenticateWebAuthnForm({"credential": credential}, user=user)
        if credential
        else ReauthenticateForm({"code": code.strip()}, user=user)
    )
    if form.is_valid():
        form.save()
        return ""
    if not code.strip() and not credential:
        return "Enter the code of your second factor as well."
    return "Your second factor was not recognised. Try again with a new code."
