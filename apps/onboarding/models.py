"""Onboarding: an organisation asks to become a vendor; an operator approves or declines.

Anyone may ask, without a key, so a request belongs to the platform's own tenant and what it says of people is sealed
under the platform's key. `pending -> approved | declined`, once. Of one contact email at most one request is
pending; one client address has at most five requests an hour. Email and address are compared through blind indexes
and the address is not kept. Approving makes the vendor, its sandbox twin, their keys and the first administrator.
"""

from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.actor import Actor
from apps.core.clock import now
from apps.tenants.models import Tenant, TenantOwned
from apps.vault.fields import EncryptedEmailField, EncryptedTextField


class OnboardingRequestQuerySet(models.QuerySet["OnboardingRequest"]):
    def visible_to(self, actor: Actor) -> Self:
        """All of them to the platform, none to anyone else."""
        return self.filter(tenant_id=actor.tenant_id)

    def pending(self) -> Self:
        return self.filter(status=OnboardingRequest.Status.PENDING)

    def from_address(self, token: bytes, since: datetime) -> Self:
        return self.filter(address_token=token, created_at__gt=since)


class OnboardingRequest(TenantOwned):
    class Status(models.TextChoices):
        PENDING = "pending"
        APPROVED = "approved"
        DECLINED = "declined"

    organization_name = models.CharField(max_length=200)
    contact_name = EncryptedTextField()
    contact_email = EncryptedEmailField()
    email_token = models.BinaryField(max_length=16)
    website = models.CharField(max_length=500, default="")
    country = models.CharField(max_length=100, default="")
    use_case = EncryptedTextField()
    expected_members = models.PositiveIntegerField()
    requested_scopes = ArrayField(models.CharField(max_length=40), default=list)
    address_token = models.BinaryField(max_length=16)
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(default=now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.JSONField(null=True)
    decline_reason = EncryptedTextField(null=True)
    vendor = models.ForeignKey(Tenant, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    objects: ClassVar[OnboardingRequestQuerySet] = OnboardingRequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "email_token"],
                condition=models.Q(status="pending"),
                name="onboarding_one_pending_for_an_email",
            ),
            models.CheckConstraint(condition=models.Q(expected_members__gte=1), name="onboarding_expects_members"),
            models.CheckConstraint(
                condition=models.Q(status="pending", decided_at=None)
                | models.Q(status__in=["approved", "declined"], decided_at__isnull=False),
                name="onboarding_decided_at_some_time",
            ),
        )
        indexes = (
            models.Index(fields=["tenant_id", "address_token", "-created_at"], name="onboarding_by_address"),
            models.Index(fields=["tenant_id", "status", "-created_at"], name="onboarding_by_status"),
        )

    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING
