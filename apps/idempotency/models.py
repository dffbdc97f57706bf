"""The first answer to a request that may be sent again.

A caller names a request with an `Idempotency-Key`. The row is claimed in the transaction of the change and holds
its answer, sealed, when that commits: a second request with the same key waits for the first and then replays it,
and a request that failed leaves nothing behind. A key is free again after 24 hours.
"""

from datetime import timedelta

from django.db import models

from apps.core.clock import now
from apps.tenants.models import TenantOwned
from apps.vault.fields import EncryptedTextField

LIFE = timedelta(hours=24)
LONGEST_KEY = 255


class FirstAnswer(TenantOwned):
    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=LONGEST_KEY)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    body = EncryptedTextField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "idempotency_firstanswer"
        constraints = (
            models.UniqueConstraint(fields=["tenant_id", "caller", "key"], name="idempotency_one_answer_per_key"),
        )
        indexes = (models.Index(fields=["tenant_id", "created_at"], name="idempotency_by_age"),)
