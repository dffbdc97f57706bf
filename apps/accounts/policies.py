"""What may be asked of an account and of someone's roles."""

from collections.abc import Collection

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from apps.accounts.models import Membership, User
from apps.tenants.models import PLATFORM_ID

Role = Membership.Role
LONGEST_NAME = 200
LONGEST_EMAIL = 254


def roles_at(tenant_id: object) -> tuple[Membership.Role, ...]:
    """The roles that someone can have there: the operator's are the platform's alone."""
    if tenant_id == PLATFORM_ID:
        return (Role.OPERATOR,)
    return (Role.CLINICIAN, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)


def why_not_roles(roles: Collection[str], tenant_id: object) -> str | None:
    if not roles:
        return "Choose at least one role."
    possible = roles_at(tenant_id)
    if not set(roles) <= set(possible):
        return f"Choose from {', '.join(role.label.lower() for role in possible)}."
    return None


def why_not_email(email: str) -> str | None:
    if len(email) > LONGEST_EMAIL or "\x00" in email:
        return "Enter an email address, such as name@example.org."
    try:
        validate_email(email)
    except ValidationError:
        return "Enter an email address, such as name@example.org."
    return None


def why_not_name(name: str) -> str | None:
    if not name.strip():
        return "Enter the name that colleagues know."
    if len(name) > LONGEST_NAME or not name.isprintable():
        return f"Enter a name of at most {LONGEST_NAME} characters, on one line."
    return None


def why_not_password(password: str, *, email: str, name: str) -> list[str]:
    """What is wrong with a new password, one sentence each; empty when nothing is."""
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as refused:
        return list(refused.messages)
    return []
