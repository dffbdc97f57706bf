"""The append-only record of who read or changed what, and the seals that make tampering show.

A row says who (actor), what (action, table, rows), about whom (member), why (reason: assignment, break-glass,
handoff, operator, system), from where (door, address) and in which request. It never holds protected content.
The application may insert and read, never change or delete. Every minute a job seals what is settled: a seal
holds the hash of each row and the hash of the seal before it, so that `manage.py verify_audit` can name a row
that was altered, removed, added or reordered.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.clock import now
from apps.core.ids import uuid7
from apps.tenants.models import TenantOwned

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands among those of its tenant; written as microseconds of its time, dot, its id in hexadecimal."""

    at: datetime
    id: uuid.UUID

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None where the text is no place."""
        moment, _, row = text.partition(".")
        try:
            return cls(_BEGINNING + timedelta(microseconds=int(moment)), uuid.UUID(hex=row))
        except (ValueError, OverflowError):
            return None

    def __str__(self) -> str:
        return f"{(self.at - _BEGINNING) // timedelta(microseconds=1)}.{self.id.hex}"


class RecordQuerySet(models.QuerySet["Record"]):
    """Every filter is a btree equality or range, for which row security lets an index be used."""

    def of_tenant(self, tenant_id: uuid.UUID) -> Self:
        """The records of a tenant, which the work must be in."""
        return self.filter(tenant_id=tenant_id)

    def during(self, start: datetime, end: datetime) -> Self:
        """From `start` until before `end`; the database leaves out months that lie outside."""
        return self.filter(occurred_at__gte=start, occurred_at__lt=end)

    def before(self, place: Place) -> Self:
        """Those that come after `place` in `newest_first`."""
        return self.filter(occurred_at__lte=place.at).exclude(occurred_at=place.at, id__gte=place.id)

    def newest_first(self) -> Self:
        return self.order_by("-occurred_at", "-id")


class Record(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid7)
    tenant_id = models.UUIDField()
    occurred_at = models.DateTimeField(default=now)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=60)
    rows = ArrayField(models.UUIDField(), default=list)
    member_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=40)
    door = models.CharField(max_length=20)
    address = models.CharField(max_length=45, default="")
    request_id = models.CharField(max_length=128, default="")
    details = models.JSONField(default=dict)

    objects: ClassVar[RecordQuerySet] = RecordQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        db_table = "audit_record"

    @property
    def place(self) -> Place:
        return Place(self.occurred_at, self.id)


class Seal(TenantOwned):
    """One link of a tenant's chain: the rows whose transactions lie in [`from_xact`, `to_xact`)."""

    number = models.PositiveBigIntegerField()
    from_xact = models.PositiveBigIntegerField()
    to_xact = models.PositiveBigIntegerField()
    row_count = models.PositiveIntegerField()
    row_hashes = models.BinaryField()
    previous = models.BinaryField()
    digest = models.BinaryField()
    sealed_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "audit_seal"
        constraints = (models.UniqueConstraint(fields=["tenant_id", "number"], name="audit_seal_is_numbered_once"),)
