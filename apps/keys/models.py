"""API keys: what a partner's server shows at a contract's door.

A key is shown once, when it is made; what is kept is its HMAC under `KEY_PEPPER` and its first 12 characters.
It belongs to one tenant, a vendor's live one or its sandbox, and carries scopes, an expiry, the networks that it
may come from and a limit per minute. A row is seen by its tenant, and by whoever presents its digest: that is
how a key is found before its tenant is known.
"""

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


class APIKey(TenantOwned):
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

    class Meta:
        db_table = "keys_apikey"
        indexes = (models.Index(fields=["tenant_id", "-created_at"], name="keys_of_tenant"),)
