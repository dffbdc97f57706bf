"""How a tenant's protected columns come under a new data key while everything runs.

The new key is made first, and writers use it from then on; the rows follow in batches, each its own transaction, by
id, with the last one noted in `RotationProgress`, so that a run that ended early goes on where it stopped. A row is
changed only if it still holds the bytes that were read: what somebody wrote meanwhile stays. A process that has not
yet heard of the new key may seal under the old one for `keyring.LIFE_SECONDS`; `sweep_again` sends a
second look after those rows, and the old key, though retired, still opens whatever it missed.

While a batch is written, the transaction's `throughline.rotating` is `on`: triggers that freeze rows let a sealed
column change then, and nothing else of the row.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import connection

from apps.core.clock import now
from apps.core.database import run
from apps.vault import keyring
from apps.vault.cipher import seal, unseal
from apps.vault.errors import VaultError
from apps.vault.fields import encrypted_fields
from apps.vault.models import DataKey, RotationProgress

BATCH = 500

COUNT = "SELECT count(*) FROM {table} WHERE tenant_id = %s AND {column} IS NOT NULL"
READ = """
SELECT {key}, {column} FROM {table}
WHERE tenant_id = %s AND {key} > %s AND {column} IS NOT NULL AND substring({column} FROM 1 FOR 5) <> %s
ORDER BY {key} LIMIT %s
"""
WRITE = """
UPDATE {table} SET {column} = renewed.after
FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS renewed (id, before, after)
WHERE {table}.tenant_id = %s AND {table}.{key} = renewed.id AND {table}.{column} = renewed.before
"""
ROTATING = "SELECT set_config('throughline.rotating', %s, true)"
FIRST = uuid.UUID(int=0)


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """A protected column of a tenant-owned table, and that table's key."""

    table: str
    column: str
    key: str

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"

    def sql(self, statement: str) -> str:
        quote = connection.ops.quote_name
        return statement.format(table=quote(self.table), column=quote(self.column), key=quote(self.key))


def protected_columns() -> list[Column]:
    """Every encrypted column of every tenant-owned model."""
    found = set()
    for model in apps.get_models():
        for field in encrypted_fields(model):
            try:
                model._meta.get_field("tenant_id")
            except FieldDoesNotExist:
                raise TypeError(
                    f"{model.__name__}.{field.name} is encrypted, but its model has no tenant_id."
                ) from None
            found.add(Column(model._meta.db_table, field.column, str(model._meta.pk.column)))
    return sorted(found)


def why_not_rotate() -> str | None:
    """Why a rotation could not finish: the columns that the connected role may not update."""
    closed = [
        str(column)
        for column in protected_columns()
        if not run([("SELECT has_column_privilege(%s, %s, 'UPDATE')", (column.table, column.column))])[0][0][0]
    ]
    return f"The application's database role may not update {', '.join(closed)}; grant it that." if closed else None


def begin(tenant_id: uuid.UUID) -> list[RotationProgress]:
    """The tenant's unfinished rotation if there is one, or a new one: a new key, and every column still to do.

    Inside the tenant's transaction. Wraps all keys by the first configured key on the way.
    """
    keyring.rewrap(tenant_id)
    current = DataKey.objects.get(tenant_id=tenant_id, purpose=DataKey.Purpose.DATA, retired_at=None)
    unfinished = RotationProgress.objects.filter(tenant_id=tenant_id, key_id=current.pk, finished_at=None)
    if unfinished.exists():
        return list(unfinished.order_by("table", "column"))
    key_id = keyring.replace_data_key(tenant_id)
    return RotationProgress.objects.bulk_create(
        [
            RotationProgress(
                tenant_id=tenant_id,
                key_id=key_id,
                table=column.table,
                column=column.column,
                total=run([(column.sql(COUNT), (tenant_id,))])[0][0][0],
            )
            for column in protected_columns()
        ]
    )


def advance(progress: RotationProgress) -> int:
    """Seal one batch of the column under the new key; returns how many rows were looked at, 0 at the end.

    Inside the tenant's transaction. A value that does not open stays as it is and is counted.
    """
    column = next(one for one in protected_columns() if (one.table, one.column) == (progress.table, progress.column))
    head = keyring.head_of(progress.key_id)
    params = (progress.tenant_id, progress.last_id or FIRST, head, BATCH)
    rows = run([(column.sql(READ), params)])[0]
    renewed = [row for row in (_renewed(progress, *row) for row in rows) if row is not None]
    if renewed:
        ids, before, after = (list(values) for values in zip(*renewed, strict=True))
        written = (column.sql(WRITE), (ids, before, after, progress.tenant_id))
        run([(ROTATING, ("on",)), written, (ROTATING, ("",))])
    if rows:
        progress.last_id = rows[-1][0]
    progress.done += len(rows)
    progress.unreadable += len(rows) - len(renewed)
    progress.updated_at = now()
    progress.save(update_fields=["last_id", "done", "unreadable", "updated_at"])
    return len(rows)


def sweep_again(progress: RotationProgress) -> None:
    """Look at the column once more from its first row, for what was sealed under the old key meanwhile."""
    progress.last_id, progress.unreadable = None, 0
    progress.save(update_fields=["last_id", "unreadable"])


def finish(progress: RotationProgress) -> None:
    progress.finished_at = now()
    progress.save(update_fields=["finished_at"])


def seconds_until_all_know(progress: RotationProgress) -> float:
    """How long another process may still seal under the key before; 0 when none can. Inside the tenant's transaction."""
    made = DataKey.objects.get(pk=progress.key_id).created_at
    return max(0.0, (made + timedelta(seconds=keyring.LIFE_SECONDS) - now()).total_seconds())


def _renewed(progress: RotationProgress, row_id: uuid.UUID, sealed: bytes) -> tuple[uuid.UUID, bytes, bytes] | None:
    place = (progress.tenant_id, progress.table, progress.column, row_id)
    try:
        return row_id, sealed, seal(*place, unseal(*place, sealed))
    except VaultError:
        return None
