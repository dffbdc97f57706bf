"""The append-only record of who read or changed what, and the seals that make tampering show.

A row says who (actor), what (action, table, rows), about whom (member), why (reason: assignment, break-glass,
handoff, operator, system), from where (door, address) and in which request. It never holds protected content.
The application may insert and read, never change or delete. Every minute a job seals what is settled: a seal
holds the hash of each row and the hash of the seal before it, so that `manage.py verify_audit` can name a row
that was altered, removed, added or reordered.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.clock import now
from apps.core.ids import uuid7
from apps.tenants.models import TenantOwned


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

    class Meta:
        db_table = "audit_record"


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
