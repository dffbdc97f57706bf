"""Organisations: who a tenant is, its sandbox twin, and who works there.

A **vendor** is a tenant; so is its **sandbox**, the twin that differs in nothing but a flag. The operator's
own tenant (`PLATFORM_ID`) holds what belongs to no vendor, such as onboarding requests. A suspended tenant's
keys and people are refused on their next request.

Tables that belong to a tenant inherit `TenantOwned` and are closed by row security (`rls.py`); this app's
own directory of tenants is readable by all, since it holds names and no person's data, and written in the operator's
tenant alone.
"""

import uuid

from django.db import models
from django.db.models.functions import Lower

from apps.core.clock import now
from apps.core.ids import uuid7

PLATFORM_ID = uuid.UUID("00000000-0000-7000-8000-000000000001")


class Tenant(models.Model):
    class Kind(models.TextChoices):
        PLATFORM = "platform"
        VENDOR = "vendor"

    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"

    id = models.UUIDField(primary_key=True, default=uuid7)
    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.VENDOR)
    status = models.CharField(max_length=20, choices=Status, default=Status.ACTIVE)
    is_sandbox = models.BooleanField(default=False)
    twin = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="live_twin")
    timezone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.UniqueConstraint(Lower("slug"), name="tenant_slug_is_unique"),
            models.CheckConstraint(
                condition=models.Q(status__in=["active", "suspended"]), name="tenant_status_is_known"
            ),
        )

    def __str__(self) -> str:
        return self.slug

    def reference(self) -> dict[str, str]:
        """How the contracts name a vendor: `{id, name}`."""
        return {"id": str(self.id), "name": self.name}


class TenantOwned(models.Model):
    """A row that belongs to one tenant. Its migration must end with `*rls.isolate(table)`."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    tenant_id = models.UUIDField()

    class Meta:
        abstract = True
