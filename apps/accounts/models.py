"""Staff accounts: people who sign in. What they may do at which organisation is their `Membership`.

A person is one account however many organisations they work for. The account holds no member's data.
"""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from apps.core.clock import now
from apps.core.ids import uuid7
from apps.tenants.models import TenantOwned


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    id = models.UUIDField(primary_key=True, default=uuid7)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return str(self.id)


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

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "user", "role"],
                condition=models.Q(ended_at=None),
                name="accounts_one_current_membership_per_role",
            ),
        )
