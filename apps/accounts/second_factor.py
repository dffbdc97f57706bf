"""The second factor: its secrets sealed, its place in sign-in, and who still lacks it."""

import base64
import time
from typing import cast

from allauth.account.authentication import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
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
