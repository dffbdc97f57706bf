"""What a request must say, who may decide it and when."""

import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps.core.actor import Actor
from apps.core.errors import DomainError, Forbidden
from apps.keys.models import SCOPES
from apps.onboarding.errors import RequestDecided, TooManyRequests
from apps.onboarding.models import OnboardingRequest
from apps.tenants.models import PLATFORM_ID

MOST_IN_AN_HOUR = 5
HOUR = timedelta(hours=1)
MOST_MEMBERS = 2**31 - 1
OPERATOR = "operator"
HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def why_not_this_email(email: str) -> str | None:
    try:
        validate_email(email)
    except ValidationError:
        return "This is not an email address."
    return None


def why_not_this_website(website: str) -> str | None:
    if not website:
        return None
    try:
        address = urlsplit(website)
        host = address.hostname or ""
    except ValueError:
        host = ""
    if not HOST.fullmatch(host) or address.scheme not in {"http", "https"}:
        return "This is not a web address; it begins with https://."
    return None


def why_not_these_scopes(scopes: Sequence[str]) -> str | None:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        return f"Unknown scope. The scopes are {', '.join(SCOPES)}."
    return None


def why_not_another(recent: Sequence[datetime], at: datetime) -> DomainError | None:
    """`recent`: when the requests of this address in the past hour came, newest first."""
    if len(recent) < MOST_IN_AN_HOUR:
        return None
    wait = recent[MOST_IN_AN_HOUR - 1] + HOUR - at
    seconds = max(1, math.ceil(wait.total_seconds()))
    return TooManyRequests(
        f"{MOST_IN_AN_HOUR} requests an hour are accepted from one address. Try again in {seconds} s.",
        retry_after=seconds,
    )


def why_not_decide(actor: Actor, request: OnboardingRequest, wanted: str) -> DomainError | None:
    """Only the platform's operators decide, and its commands; only what is pending."""
    if actor.tenant_id != PLATFORM_ID or (actor.kind != "system" and OPERATOR not in actor.roles):
        return Forbidden("Only an operator decides onboarding requests.")
    if not request.is_pending():
        return RequestDecided(f"This request is {request.status}; only a pending one can become {wanted}.")
    return None
