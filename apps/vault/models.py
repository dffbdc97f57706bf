"""Field encryption: the keys under which protected columns stand, and how far their replacement has come.

Each tenant has a **data key** (AES-256-GCM over the values of its columns) and an **index key** (HMAC of its
search words). Both lie here wrapped by a key derived from `FIELD_ENCRYPTION_KEY`. The id of a data key stands in
every value that it sealed, so an older key opens what it sealed for as long as it is kept.

| file | holds |
|---|---|
| `wrapping.py` | the configured keys, wrapping and unwrapping |
| `keyring.py` | the unwrapped keys of the tenants in use, and how they come to be and end |
| `cipher.py` | `seal` and `unseal`: one value, bound to its place |
| `fields.py` | the model fields |
| `records.py` | new rows as JSON, sealed |
| `blind.py` | search tokens |
| `actions.py`, `rotation.py` | rotate a tenant's key, erase a tenant's data |

The database shows a tenant's keys in that tenant's own context and nowhere else, so that no query comes upon another's.
One work opens values of several tenants, as both sides of a handoff and the platform's index of persons, some before
any row says that they belong together: the key ring names the tenant, and `vault_keys_of` enters it for that one
statement. Keys are useless without `FIELD_ENCRYPTION_KEY`, and are written in the context of their own tenant. Erasing a
tenant blanks its keys and leaves the rows, so that nothing makes that tenant a new key by mistake.
"""

from django.db import models

from apps.core.clock import now
from apps.tenants.models import TenantOwned


class DataKey(models.Model):
    """One wrapped key. `retired_at` set: it opens and no longer seals. `erased_at` set: what it sealed is gone."""

    class Purpose(models.TextChoices):
        DATA = "data"
        INDEX = "index"

    # 32 bits, since it stands in every sealed value.
    id = models.AutoField(primary_key=True)
    tenant_id = models.UUIDField()
    purpose = models.CharField(max_length=10, choices=Purpose)
    wrapped = models.BinaryField()
    wrapped_by = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=now)
    retired_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_datakey"
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "purpose"],
                condition=models.Q(retired_at=None),
                name="vault_one_current_key_per_purpose",
            ),
            models.CheckConstraint(condition=models.Q(purpose__in=["data", "index"]), name="vault_purpose_is_known"),
            models.CheckConstraint(
                condition=models.Q(erased_at=None) | models.Q(retired_at__isnull=False, wrapped=b""),
                name="vault_erased_key_is_blank",
            ),
        )
        indexes = (models.Index(fields=["tenant_id"], name="vault_datakey_by_tenant"),)

    def __str__(self) -> str:
        return f"{self.purpose} key {self.pk}"


class RotationProgress(TenantOwned):
    """How far one column of one tenant has come on its way to the data key `key_id`.

    `last_id` is the last row looked at, `done` how many rows were, `total` how many there were at the start,
    `unreadable` how many values did not open and stayed as they were.
    """

    key_id = models.IntegerField()
    table = models.CharField(max_length=63)
    column = models.CharField(max_length=63)
    last_id = models.UUIDField(null=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    unreadable = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_rotationprogress"
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "key_id", "table", "column"], name="vault_progress_is_kept_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.table}.{self.column}: {self.done} of {self.total}"
