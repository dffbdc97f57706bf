"""Verbs of invitations: invite, send again, withdraw, accept.

The token stands in the mail alone. What is kept is its HMAC-SHA-256 (RFC 2104) under the server-side pepper, so that
neither the table nor a session opens an invitation. Sending again makes a new token, and the old link ends.
"""

import hashlib
import hmac
import logging
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string
from django.urls import reverse

from apps.accounts.errors import (
    InvitationNotFound,
    InvitationNotValid,
    InvitationOver,
    InvitationPending,
    InvitedAsAnother,
    WorksHereAlready,
)
from apps.accounts.models import PRESENT_INVITATION, Invitation, InvitationQuerySet, Membership, User, presented
from apps.accounts.policies import why_not_email, why_not_name, why_not_password, why_not_roles
from apps.audit import recording as audit
from apps.core.clock import now
from apps.core.database import run
from apps.core.errors import Conflict
from apps.tenants.context import current_work
from apps.tenants.models import Tenant

LASTS_FOR = timedelta(days=7)
SENT_AGAIN_AFTER = timedelta(minutes=1)
logger = logging.getLogger("throughline.mail")


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as its holder sees it. `account` is theirs, if they can sign in with it already."""

    invitation: Invitation
    tenant: Tenant
    account: User | None


def digest_of(token: str) -> bytes:
    return hmac.digest(settings.KEY_PEPPER.encode(), b"invitation:" + token.encode(), hashlib.sha256)


def invite(*, email: str, name: str, roles: Collection[str]) -> Invitation:
    """Invite someone to work at the tenant that the work is in, by a mail that leaves on commit; for seven days.

    `InvitationNotValid` by field; `WorksHereAlready`; `InvitationPending` while one to that email can be accepted. Whether
    the email has an account elsewhere changes nothing here.
    """
    work = current_work()
    email, name = email.strip().lower(), " ".join(name.split())
    refused = {"email": why_not_email(email), "name": why_not_name(name), "roles": why_not_roles(roles, work.tenant_id)}
    if fields := {field: [reason] for field, reason in refused.items() if reason}:
        raise InvitationNotValid("The invitation cannot be sent as it is.", fields=fields)
    if Membership.objects.filter(tenant_id=work.tenant_id, user__email=email, ended_at=None).exists():
        raise WorksHereAlready("Someone with this email works here already. Change their roles on their page.")
    _make_room(email)
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        tenant_id=work.tenant_id,
        email=email,
        name=name,
        roles=sorted(set(roles)),
        digest=digest_of(token),
        made_by=work.actor.reference(),
        expires_at=now() + LASTS_FOR,
    )
    try:
        with transaction.atomic():
            invitation.save(force_insert=True)
    except IntegrityError:
        raise _pending() from None
    audit.record(
        "staff.invited", rows=[invitation.id], reason="administration", details={"roles": list(invitation.roles)}
    )
    _mail_on_commit(invitation, token)
    return invitation


def _make_room(email: str) -> None:
    """Withdraw what has expired, so that it stands in nobody's way; refuse beside one that still opens."""
    earlier = _unanswered().filter(email=email).first()
    if earlier is None:
        return
    if not earlier.has_expired():
        raise _pending()
    earlier.revoked_at = now()
    earlier.save(update_fields=["revoked_at"])


def _pending() -> InvitationPending:
    return InvitationPending("This email has been invited already. Send that invitation again, or withdraw it first.")


def resend(*, invitation_id: uuid.UUID) -> Invitation:
    """Mail a new link, good for seven days; the earlier one opens nothing any more. `InvitationNotFound`.

    `InvitationPending` within a minute of the last mail, so that a second click sends no second one.
    """
    invitation = _locked(invitation_id)
    if now() - invitation.sent_at < SENT_AGAIN_AFTER:
        raise InvitationPending("This invitation was mailed less than a minute ago. Give the mail a moment.")
    token = secrets.token_urlsafe(32)
    invitation.digest = digest_of(token)
    invitation.sent_at = now()
    invitation.expires_at = invitation.sent_at + LASTS_FOR
    invitation.save(update_fields=["digest", "sent_at", "expires_at"])
    audit.record("staff.invited_again", rows=[invitation.id], reason="administration")
    _mail_on_commit(invitation, token)
    return invitation


def revoke(*, invitation_id: uuid.UUID) -> Invitation:
    """Withdraw an invitation that nobody has accepted. `InvitationNotFound`."""
    invitation = _locked(invitation_id)
    invitation.revoked_at = now()
    invitation.save(update_fields=["revoked_at"])
    audit.record("staff.invitation_revoked", rows=[invitation.id], reason="administration")
    return invitation


def offer(digest: bytes) -> Offer | None:
    """The invitation of that digest while it can be accepted, whichever tenant is set."""
    with transaction.atomic():
        run([(PRESENT_INVITATION, (digest.hex(),))])
        try:
            invitation = Invitation.objects.unanswered().filter(digest=digest, expires_at__gt=now()).first()
            if invitation is None:
                return None
            tenant = Tenant.objects.filter(id=invitation.tenant_id, status=Tenant.Status.ACTIVE).first()
            if tenant is None:
                return None
            with presented(invitation.email):
                account = User.objects.filter(email=invitation.email).first()
        finally:
            if not connection.needs_rollback:
                run([(PRESENT_INVITATION, ("",))])
    return Offer(invitation, tenant, account if account and account.has_usable_password() else None)


def accept(*, digest: bytes, name: str = "", password: str = "") -> User:
    """Take someone on as invited to the tenant of the work; the account is made with `name` and `password` if need be.

    An account that has a password must be the acting person's own (`InvitedAsAnother`): its password and name stay as they
    are. `InvitationOver`; `InvitationNotValid` by field.
    """
    work = current_work()
    invitation = _unanswered().filter(digest=digest, expires_at__gt=now()).select_for_update().first()
    if invitation is None:
        raise InvitationOver
    with presented(invitation.email):
        user = _account_of(invitation, name, password)
        for role in invitation.roles:
            Membership.objects.get_or_create(tenant_id=work.tenant_id, user=user, role=role, ended_at=None)
    invitation.accepted_at = now()
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    details = {"roles": list(invitation.roles)}
    audit.record("staff.invitation_accepted", rows=[invitation.id, user.id], reason="sign_in", details=details)
    return user


def _account_of(invitation: Invitation, name: str, password: str) -> User:
    user = User.objects.filter(email=invitation.email).first()
    if user is not None and user.has_usable_password():
        if current_work().actor.id != user.id:
            raise InvitedAsAnother("Sign in with the account that this invitation was sent to, and accept it there.")
        return user
    name = " ".join(name.split())
    fields = {
        "name": [reason] if (reason := why_not_name(name)) else [],
        "password": why_not_password(password, email=invitation.email, name=name),
    }
    if any(fields.values()):
        raise InvitationNotValid("Name and password need another look.", fields=fields)
    made = user or User(email=invitation.email)
    made.name = name
    made.set_password(password)
    try:
        with transaction.atomic():
            made.save(force_insert=user is None)
    except IntegrityError:
        raise Conflict("This account was made just now, in another window. Sign in with it.") from None
    return made


def _unanswered() -> InvitationQuerySet:
    return Invitation.objects.filter(tenant_id=current_work().tenant_id).unanswered()


def _locked(invitation_id: uuid.UUID) -> Invitation:
    invitation = _unanswered().filter(id=invitation_id).select_for_update().first()
    if invitation is None:
        raise InvitationNotFound
    return invitation


def _mail_on_commit(invitation: Invitation, token: str) -> None:
    tenant = Tenant.objects.get(id=invitation.tenant_id)
    context = {
        "name": invitation.name,
        "organisation": " ".join(tenant.name.split()),
        "roles": [Membership.Role(role).label.lower() for role in invitation.roles],
        "url": settings.BASE_URL.rstrip("/") + reverse("invitation", args=[token]),
        "expires_at": invitation.expires_at,
    }
    subject = f"Your invitation to {context['organisation']}"
    text = render_to_string("accounts/invitation_mail.txt", context)

    def deliver() -> None:
        try:
            send_mail(subject, text, None, [invitation.email])
        except OSError as failure:
            # Its words may hold the address.
            logger.error("The mail of invitation %s was not taken: %s", invitation.id, type(failure).__name__)

    transaction.on_commit(deliver)
