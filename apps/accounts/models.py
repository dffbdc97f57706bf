"""Staff accounts: people who sign in. What they may do at which organisation is their `Membership`.

A person is one account however many organisations they work for. The account holds no member's data.

The database shows an account, and with it the hash of its password, to the tenants where the person works or worked, to
the operator, and to the transaction to which its email was `presented`, as at sign-in when no tenant is known yet. A
tenant may make an account and never change one, for the person may work elsewhere too: an administrator of one
vendor could else sign in at another. Only the operator and a transaction with the email presented may. For the same
reason someone is made a member of staff by the email, never by the account's id alone.

A clinician sees the members whom they treat, those of a clinician whom they **cover** while that one is on **leave**, and
a supervisor those of the clinicians supervised. Whoever has to open another chart at once **breaks the glass**: with a
reason, for an hour, and somebody reviews it.

Nobody signs up: an administrator **invites** someone by email, with the roles that they are to have. The link in the mail
opens its own invitation to the transaction to which it was presented, for no tenant is known yet, and nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models, transaction
from django.db.models.functions import Lower

from apps.core.actor import Actor
from apps.core.clock import now
from apps.core.database import run
from apps.core.ids import uuid7
from apps.tenants.models import TenantOwned
from apps.vault.fields import EncryptedTextField

PRESENT = "SELECT set_config('throughline.presented_email', %s, true)"
PRESENT_INVITATION = "SELECT set_config('throughline.presented_invitation', %s, true)"


@contextmanager
def presented(email: str) -> Iterator[None]:
    """Open the account of that email, in any spelling, to the statements within; inside a transaction."""
    run([(PRESENT, (email.lower(),))])
    try:
        yield
    finally:
        if not connection.needs_rollback:
            run([(PRESENT, ("",))])


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """The account of that email, in any spelling and whichever tenant is set; `DoesNotExist` without one."""
        email = (username or "").lower()
        with transaction.atomic(), presented(email):
            return self.get(email=email)


class User(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid7)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="accounts_email_is_in_small_letters"),
        )

    def __str__(self) -> str:
        return str(self.id)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, actor: Actor) -> "MembershipQuerySet":
        """The present roles of everyone at the actor's tenant."""
        return self.filter(tenant_id=actor.tenant_id, ended_at=None)


class Membership(TenantOwned):
    """Who works at a tenant, and as what."""

    class Role(models.TextChoices):
        OPERATOR = "operator"
        ADMIN = "vendor_admin"
        CLINICIAN = "clinician"
        SUPERVISOR = "supervisor"
        AUDITOR = "auditor"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    supervisor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[MembershipQuerySet] = MembershipQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "user", "role"],
                condition=models.Q(ended_at=None),
                name="accounts_one_current_membership_per_role",
            ),
        )


class LeaveQuerySet(models.QuerySet["Leave"]):
    def visible_to(self, actor: Actor) -> "LeaveQuerySet":
        return self.filter(tenant_id=actor.tenant_id)

    def not_over(self) -> "LeaveQuerySet":
        """Present and coming ones, the soonest first."""
        return self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=now())).order_by("starts_at", "id")

    def present(self) -> "LeaveQuerySet":
        return self.not_over().filter(starts_at__lte=now())

    def overlapping(self, starts_at: datetime, ends_at: datetime | None) -> "LeaveQuerySet":
        """Those that share a moment with [`starts_at`, `ends_at`); without an end, all that are not over by then."""
        later = self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=starts_at))
        return later.filter(starts_at__lt=ends_at) if ends_at else later


class Leave(TenantOwned):
    """When a clinician is away, from when until when; without an end until further notice."""

    clinician = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    made_by = models.JSONField()
    made_at = models.DateTimeField(default=now)

    objects: ClassVar[LeaveQuerySet] = LeaveQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="accounts_leave_ends_after_it_starts",
            ),
        )
        indexes = (models.Index(fields=["tenant_id", "clinician", "starts_at"], name="accounts_leave_of_whom"),)

    def has_begun(self) -> bool:
        return self.starts_at <= now()


class CoverQuerySet(models.QuerySet["Cover"]):
    def not_over(self) -> "CoverQuerySet":
        """Present and coming ones, the soonest first."""
        return self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=now())).order_by("starts_at", "id")

    def present(self) -> "CoverQuerySet":
        return self.not_over().filter(starts_at__lte=now())

    def overlapping(self, starts_at: datetime, ends_at: datetime | None) -> "CoverQuerySet":
        later = self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=starts_at))
        return later.filter(starts_at__lt=ends_at) if ends_at else later


class Cover(TenantOwned):
    """Who sees the members of a clinician who is away, and answers their crises, from when until when."""

    clinician = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    covered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[CoverQuerySet] = CoverQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(clinician=models.F("covered_by")), name="accounts_nobody_covers_themselves"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="accounts_cover_ends_after_it_starts",
            ),
        )
        indexes = (models.Index(fields=["tenant_id", "covered_by", "starts_at"], name="accounts_cover_of_whom"),)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, actor: Actor) -> "InvitationQuerySet":
        return self.filter(tenant_id=actor.tenant_id)

    def unanswered(self) -> "InvitationQuerySet":
        """Neither accepted nor withdrawn; some may have expired."""
        return self.filter(accepted_at=None, revoked_at=None)


class Invitation(TenantOwned):
    """Someone asked to work at a tenant in some roles. Of the link's token its digest alone is kept."""

    email = models.EmailField()
    name = models.CharField(max_length=200)
    roles = ArrayField(models.CharField(max_length=20, choices=Membership.Role))
    digest = models.BinaryField(max_length=32, unique=True)
    made_by = models.JSONField()
    made_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "email"],
                condition=models.Q(accepted_at=None, revoked_at=None),
                name="accounts_one_unanswered_invitation_per_email",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(revoked_at=None),
                name="accounts_invitation_is_answered_once",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="accounts_invitation_accepted_when_and_by_whom",
            ),
        )

    def has_expired(self) -> bool:
        return self.expires_at <= now()


class BreakGlass(TenantOwned):
    """One opening of a chart by someone who does not treat the member, and what its review came to."""

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified"
        NOT_JUSTIFIED = "not_justified"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    member_id = models.UUIDField()
    reason = EncryptedTextField()
    opened_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.JSONField(null=True)
    verdict = models.CharField(max_length=20, choices=Verdict, default="")

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(reviewed_at=None, reviewed_by__isnull=True, verdict="")
                | (models.Q(reviewed_at__isnull=False, reviewed_by__isnull=False) & ~models.Q(verdict="")),
                name="accounts_break_glass_reviewed_when_by_whom_and_how",
            ),
        )
        indexes = (
            models.Index(fields=["tenant_id", "user", "expires_at"], name="accounts_break_glass_of_user"),
            models.Index(
                fields=["tenant_id", "opened_at"],
                condition=models.Q(reviewed_at=None),
                name="accounts_break_glass_to_review",
            ),
        )
