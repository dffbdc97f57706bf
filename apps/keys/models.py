"""API keys: what a partner's server shows at a contract's door.

A key is shown once, when it is made; what is kept is its HMAC under `KEY_PEPPER` and its first 12 characters.
It belongs to one tenant, a vendor's live one or its sandbox, and carries scopes, an expiry, the networks that it
may come from and a limit per minute. A row is seen by its tenant, and by whoever presents its digest: that is
how a key is found before its tenant is known.

Who shows a key is kept by address and product (`KeyCaller`), for whoever rotates it; the requests themselves are in
`request_log.py`.
"""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.models import User
from apps.core.clock import now
from apps.tenants.models import TenantOwned

SCOPES = (
    "members:read",
    "sessions:read",
    "sessions:write",
    "notes:read",
    "notes:write",
    "assessments:read",
    "assessments:write",
    "crisis:read",
    "crisis:write",
)
READ_SCOPES = tuple(scope for scope in SCOPES if scope.endswith(":read"))


class APIKeyQuerySet(models.QuerySet["APIKey"]):
    def of_tenant(self, tenant_id: uuid.UUID) -> Self:
        """The keys of a tenant, which the work must be in."""
        return self.filter(tenant_id=tenant_id)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")


class APIKey(TenantOwned):
    class State(models.TextChoices):
        """What a key is good for at a moment; a rotated one works until its overlap ends."""

        WORKS = "works"
        ROTATED = "rotated"
        EXPIRED = "expired"
        REVOKED = "revoked"

    class Contract(models.TextChoices):
        VENDOR = "vendor"
        DEVELOPER = "developer"
        PARTNER = "partner"

    contract = models.CharField(max_length=20, choices=Contract, default=Contract.VENDOR)
    name = models.CharField(max_length=100)
    shown = models.CharField(max_length=12)
    digest = models.BinaryField(max_length=32, unique=True)
    scopes = ArrayField(models.CharField(max_length=40), default=list)
    networks = ArrayField(models.CharField(max_length=45), default=list)
    limit_per_minute = models.PositiveIntegerField(default=100)
    expires_at = models.DateTimeField(null=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(null=True)
    last_used_address = models.CharField(max_length=45, default="")
    replaced_by = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaces")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[APIKeyQuerySet] = APIKeyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "keys_apikey"
        indexes = (models.Index(fields=["tenant_id", "-created_at"], name="keys_of_tenant"),)

    def state_at(self, moment: datetime) -> State:
        if self.revoked_at:
            return self.State.REVOKED
        if self.expires_at and self.expires_at <= moment:
            return self.State.EXPIRED
        return self.State.ROTATED if self.replaced_by_id else self.State.WORKS


class KeyCaller(TenantOwned):
    """From where and with which product a key was shown, how often, and how often after it was rotated."""

    key = models.ForeignKey(APIKey, on_delete=models.PROTECT, related_name="callers", db_index=False)
    address = models.CharField(max_length=45, default="")
    agent = models.CharField(max_length=40)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    requests = models.PositiveBigIntegerField()
    requests_since_rotation = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "key", "address", "agent"], name="keys_caller_is_counted_once"
            ),
        )
