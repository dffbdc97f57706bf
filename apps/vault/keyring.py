"""The unwrapped keys of the tenants in use, kept by each process for at most `LIFE_SECONDS`.

A tenant's keys are made when they are first needed. What a transaction changes about keys (first keys, rotation,
erasure) other transactions of this process see after its commit and never after its rollback; another process sees
it within `LIFE_SECONDS`. Until then it seals under the key before, which still opens.
"""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hmac import digest
from time import monotonic
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.vault.errors import Altered, KeyErased
from apps.vault.wrapping import KEY_BYTES, unwrap, wrap

LIFE_SECONDS: Final = 60.0
VERSION: Final = 1
HEAD_BYTES: Final = 5

SELECT = "SELECT id, purpose, wrapped, wrapped_by, is_current FROM vault_keys_of(%s)"
EXISTS = "SELECT EXISTS (SELECT FROM vault_datakey WHERE tenant_id = %s AND purpose = %s)"
INSERT = """
INSERT INTO vault_datakey (tenant_id, purpose, wrapped, wrapped_by, created_at) VALUES (%s, %s, %s, %s, now())
ON CONFLICT DO NOTHING RETURNING id
"""
RETIRE = "UPDATE vault_datakey SET retired_at = now() WHERE tenant_id = %s AND purpose = 'data' AND retired_at IS NULL"
ERASE = """
UPDATE vault_datakey SET wrapped = '', erased_at = now(), retired_at = coalesce(retired_at, now())
WHERE tenant_id = %s AND erased_at IS NULL
"""
REWRAP = "UPDATE vault_datakey SET wrapped = %s, wrapped_by = %s WHERE id = %s AND wrapped = %s"
ENTER = "SELECT current_setting('throughline.tenant_id', true), set_config('throughline.tenant_id', %s, true)"
RETURN = "SELECT set_config('throughline.tenant_id', %s, true)"


class Ring:
    """One tenant's keys. `openers` is by the first five bytes of the values that each sealed."""

    __slots__ = ("expires", "head", "index", "openers", "sealer", "until_commit")

    def __init__(self, openers: dict[bytes, AESGCM], head: bytes, index: bytes) -> None:
        self.openers = openers
        self.head = head
        self.sealer = openers[head]
        self.index = index
        self.expires = monotonic() + LIFE_SECONDS
        self.until_commit: Callable[[], None] | None = None


_rings: dict[bytes, Ring] = {}
_uncommitted: dict[bytes, Callable[[], None]] = {}


def head_of(key_id: int) -> bytes:
    """What stands before every value that this key seals: version (1 byte) and key id (4 bytes, big-endian)."""
    return bytes((VERSION,)) + key_id.to_bytes(4, "big")


def ring(tenant_id: uuid.UUID) -> Ring:
    """The tenant's keys; its first ones are made now. Raises `KeyErased` if its data was erased."""
    found = _rings.get(tenant_id.bytes)
    if found is not None and found.expires > monotonic():
        return found
    if found is not None and found.until_commit is not None and _is_pending(found.until_commit):
        return found
    return _load(tenant_id) or ensure_keys(tenant_id)


def current_key(tenant_id: uuid.UUID) -> tuple[int, AESGCM]:
    """Id and cipher of the key that seals the tenant's values now."""
    own = ring(tenant_id)
    return int.from_bytes(own.head[1:], "big"), own.sealer


def index_key(tenant_id: uuid.UUID) -> bytes:
    """The 32 bytes under which the tenant's search tokens are made."""
    return ring(tenant_id).index


def opener(tenant_id: uuid.UUID, head: bytes) -> AESGCM:
    """The cipher whose values begin with `head`. Raises `Altered` when this tenant never had such a key."""
    found = ring(tenant_id).openers.get(head)
    if found is None:
        # Another process may have made it since this ring was read.
        fresh = _load(tenant_id)
        found = fresh.openers.get(head) if fresh else None
    if found is None:
        raise Altered(f"A protected value names a key that tenant {tenant_id} does not have: it was altered or moved.")
    return found


def ensure_keys(tenant_id: uuid.UUID) -> Ring:
    """Make the keys of a tenant that has none. Raises `KeyErased` if its data was erased."""
    with _writing(tenant_id) as cursor:
        for purpose in ("data", "index"):
            wrapped, wrapped_by = wrap(tenant_id, purpose, os.urandom(KEY_BYTES))
            cursor.execute(EXISTS, [tenant_id, purpose])
            if not cursor.fetchone()[0]:
                cursor.execute(INSERT, [tenant_id, purpose, wrapped, wrapped_by])
        loaded = _load(tenant_id)
    if loaded is None:
        raise KeyErased(f"The data of tenant {tenant_id} was erased: nothing of it can be opened or added.")
    return loaded


def replace_data_key(tenant_id: uuid.UUID) -> int:
    """Give the tenant a new data key and retire the one before, which still opens. Returns the new key's id."""
    ring(tenant_id)
    with _writing(tenant_id) as cursor:
        wrapped, wrapped_by = wrap(tenant_id, "data", AESGCM.generate_key(256))
        cursor.execute(RETIRE, [tenant_id])
        cursor.execute(INSERT, [tenant_id, "data", wrapped, wrapped_by])
        return int(cursor.fetchone()[0])


def rewrap(tenant_id: uuid.UUID) -> int:
    """Wrap all keys of the tenant by the first configured key; returns how many were wrapped by another."""
    count = 0
    with _writing(tenant_id) as cursor:
        cursor.execute(SELECT, [tenant_id])
        for key_id, purpose, wrapped, wrapped_by, _ in cursor.fetchall():
            again, first = wrap(tenant_id, purpose, unwrap(tenant_id, purpose, bytes(wrapped), wrapped_by))
            if first != wrapped_by:
                cursor.execute(REWRAP, [again, first, key_id, wrapped])
                count += 1
    return count


def erase(tenant_id: uuid.UUID) -> int:
    """Blank every key of the tenant, for good; returns how many there were."""
    with _writing(tenant_id) as cursor:
        cursor.execute(ERASE, [tenant_id])
        return int(cursor.rowcount)


def forget() -> None:
    """Drop every unwrapped key that this process holds."""
    _rings.clear()
    _uncommitted.clear()


def mac(tenant_id: uuid.UUID, message: bytes) -> bytes:
    """HMAC-SHA-256 (32 bytes) of the message under the tenant's index key."""
    return digest(ring(tenant_id).index, message, "sha256")


def _load(tenant_id: uuid.UUID) -> Ring | None:
    with connection.cursor() as cursor:
        cursor.execute(SELECT, [tenant_id])
        rows = cursor.fetchall()
    openers: dict[bytes, AESGCM] = {}
    head, index = b"", b""
    for key_id, purpose, wrapped, wrapped_by, current in rows:
        key = unwrap(tenant_id, purpose, bytes(wrapped), wrapped_by)
        if purpose == "index":
            index = key if current else index
            continue
        openers[head_of(key_id)] = AESGCM(key)
        head = head_of(key_id) if current else head
    if not head or not index:
        _rings.pop(tenant_id.bytes, None)
        return None
    loaded = Ring(openers, head, index)
    pending = _uncommitted.get(tenant_id.bytes)
    if pending is not None and _is_pending(pending):
        loaded.expires, loaded.until_commit = 0.0, pending
    _rings[tenant_id.bytes] = loaded
    return loaded


def _is_pending(callback: Callable[[], None]) -> bool:
    """Whether the transaction that registered it is still open: a rollback takes it off this list."""
    return any(waiting[1] is callback for waiting in connection.run_on_commit)


@contextmanager
def _writing(tenant_id: uuid.UUID) -> Iterator[CursorWrapper]:
    """A cursor in the context of the tenant whose keys change, inside the open transaction or one of its own."""
    own = tenant_id.bytes

    def forget_tenant() -> None:
        _rings.pop(own, None)
        _uncommitted.pop(own, None)

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ENTER, [str(tenant_id)])
        before = cursor.fetchone()[0]
        _rings.pop(own, None)
        _uncommitted[own] = forget_tenant
        transaction.on_commit(forget_tenant)
        yield cursor
        cursor.execute(RETURN, [before or ""])
