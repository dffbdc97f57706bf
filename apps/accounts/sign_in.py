"""Sign-in on top of django-allauth, on a database that shows no account to nobody.

While someone signs in no tenant is known. Their account opens to the statements of that request alone: by the email that
they presented, and, once the password fits, by their own id (`throughline.user_id`). A second factor, the list of one's
sessions and the like belong to the account and are seen by its own id only.
"""

import math
import time
import uuid
from collections.abc import Callable
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.core import ratelimit
from django.conf import settings
from django.db import transaction
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from apps.accounts import sign_in_audit
from apps.accounts.models import PRESENT, User
from apps.core.database import run
from apps.doors.addresses import client_address

ACCOUNT_PAGES = "/portal/account/"
SEEN = "seen_at"
# Answers say in this header how many seconds are left until the lock.
LOCKS_IN = "X-Locks-In"
OPEN_OWN = "SELECT set_config('throughline.user_id', %s, true)"
ONESELF = "SELECT * FROM accounts_oneself(%s)"
# The forms that name an account by its email.
EMAIL_FIELDS = ("login", "email")


def display_name(user: User) -> str:
    return user.name


def open_own(user_id: uuid.UUID | str) -> None:
    """Show this transaction the account's own rows."""
    run([(OPEN_OWN, (str(user_id),))])


class Backend(AuthenticationBackend):
    """Finds the account behind an email or a session; everything else is allauth's."""

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        with transaction.atomic():
            run([(PRESENT, (email.lower(),))])
            user: User | None = super()._authenticate_by_email(email, password)
            if user is not None:
                open_own(user.id)
            return user

    def get_user(self, user_id: uuid.UUID | str) -> User | None:
        user: User | None = next(iter(User.objects.raw(ONESELF, [str(user_id)])), None)
        return user if user is not None and self.user_can_authenticate(user) else None


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: an administrator invites."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "127.0.0.1"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            sign_in_audit.locked_out(request, str(credentials.get("email", "")))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        sign_in_audit.failed(request, str(credentials.get("email", "")))

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """The password or the factor again before the account itself is changed, unless it was shown just now."""
        records = get_authentication_records(self.request, self.request.user)
        return not records or time.time() - records[-1]["at"] > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT

    def clean_email(self, email: str) -> str:
        if "\x00" in email:
            raise ValidationError("An email has no such character.")
        return str(super().clean_email(email)).lower()


class SignInMiddleware:
    """Gives each request of the account's pages one transaction in which the account is seen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path.startswith(ACCOUNT_PAGES):
            return self.get_response(request)
        if is_locked(request) and request.path != reverse("account_logout"):
            return HttpResponseRedirect(reverse("portal:unlock"))
        with transaction.atomic():
            self._open(request)
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[object, ...], kwargs: dict[str, object]
    ) -> None:
        """A reset link names the account; whether the link is good is the view's to say."""
        if request.path.startswith(ACCOUNT_PAGES) and (named := _id_in_link(kwargs.get("uidb36"))):
            open_own(named)

    def _open(self, request: HttpRequest) -> None:
        pending = request.session.get("account_login") or {}
        own = request.session.get("_auth_user_id") or pending.get("user_pk")
        if own:
            open_own(own)
        elif request.method == "POST":
            email = next((request.POST[name] for name in EMAIL_FIELDS if request.POST.get(name)), "")
            run([(PRESENT, (email.replace("\x00", "").lower(),))])


def _id_in_link(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(text)) if text else None
    except ValueError:
        return None


def is_locked(request: HttpRequest) -> bool:
    """Whether the person has given no sign of themselves for `IDLE_LOCK_SECONDS`; unlocking sets it anew."""
    return request.session.get(SEEN) is not None and locks_in(request) < 0


def locks_in(request: HttpRequest) -> int:
    """Seconds until the lock, below zero behind it."""
    idle = time.time() - float(request.session.get(SEEN, time.time()))
    return math.floor(settings.IDLE_LOCK_SECONDS - idle)


def note_sign_of_life(request: HttpRequest) -> None:
    request.session[SEEN] = int(time.time())


def lock(request: HttpRequest) -> None:
    request.session[SEEN] = 0


def why_not_unlock(request: HttpRequest, password: str) -> str:
    """Why this password does not open the locked page again; empty when it does. Guessing is throttled."""
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        sign_in_audit.unlock_refused(request, "account.locked_out")
        return "Too many tries. Wait a minute, then try again."
    if not request.user.check_password(password):
        sign_in_audit.unlock_refused(request, "account.unlock_failed")
        return "That is not your password. Try again, or sign out and reset it."
    return ""
