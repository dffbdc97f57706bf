"""`claim` a key before the work and `keep` the answer after it, both inside the work's transaction."""

import hashlib
import uuid
from dataclasses import dataclass

from apps.core.clock import now
from apps.core.database import run
from apps.core.ids import uuid7
from apps.idempotency.errors import KeyReused
from apps.idempotency.models import LIFE
from apps.tenants.context import current_work
from apps.vault import cipher

TABLE, COLUMN = "idempotency_firstanswer", "body"

# An expired answer is taken over in place; a living one makes the insert do nothing.
CLAIM = """
INSERT INTO idempotency_firstanswer (id, tenant_id, caller, key, fingerprint, created_at)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, caller, key) DO UPDATE
    SET id = excluded.id, fingerprint = excluded.fingerprint, created_at = excluded.created_at,
        status = NULL, body = NULL
    WHERE idempotency_firstanswer.created_at < %s
RETURNING id
"""
FIRST = """
SELECT id, fingerprint, status, body FROM idempotency_firstanswer
WHERE tenant_id = %s AND caller = %s AND key = %s
"""
KEEP = "UPDATE idempotency_firstanswer SET status = %s, body = %s WHERE tenant_id = %s AND id = %s"


@dataclass(frozen=True, slots=True)
class Claim:
    """This request is the first; give its answer to `keep`."""

    id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Replay:
    id: uuid.UUID
    status: int
    body: bytes


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """The same request is the same bytes to the same endpoint."""
    return hashlib.sha256(b"\n".join((method.encode(), path.encode(), body))).digest()


def claim(*, caller: str, key: str, fingerprint: bytes) -> Claim | Replay:
    """Claim `key` for `caller`, or return the first answer. Waits for a first request that is still under way.

    Raises `KeyReused` when the key named another request within its 24 hours.
    """
    tenant_id = current_work().tenant_id
    claimed = run([(CLAIM, (uuid7(), tenant_id, caller, key, fingerprint, now(), now() - LIFE))])[0]
    if claimed:
        return Claim(claimed[0][0])
    row_id, first, status, body = run([(FIRST, (tenant_id, caller, key))])[0][0]
    if bytes(first) != fingerprint:
        raise KeyReused("This Idempotency-Key was used for another request within 24 hours; use a new one.")
    return Replay(row_id, status, cipher.unseal(tenant_id, TABLE, COLUMN, row_id, bytes(body)))


def keep(claim: Claim, *, status: int, body: bytes) -> None:
    tenant_id = current_work().tenant_id
    sealed = cipher.seal(tenant_id, TABLE, COLUMN, claim.id, body)
    run([(KEEP, (status, sealed, tenant_id, claim.id))])
