"""`seal` and `unseal`: one protected value, bound to the place where it stands.

A sealed value is version (1 byte, 1), data key id (4 bytes, big-endian), nonce (12 random bytes), ciphertext, tag
(16 bytes): AES-256-GCM (NIST SP 800-38D). Its associated data is version, table, column, tenant and row, so a value
that is copied anywhere else does not open. With random nonces one key may seal 2^32 values before the chance
of a repeated nonce reaches 2^-32 (SP 800-38D, 8.3); `rotate_keys` gives a tenant a new one long before.

The two are on every read's path: 25 rows of the caseload are some 150 calls.
"""

import os
import uuid
from collections.abc import Callable
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag

from apps.vault import keyring
from apps.vault.errors import Altered

NONCE_BYTES: Final = 12
LEAST_BYTES: Final = keyring.HEAD_BYTES + NONCE_BYTES + 16


@cache
def _place(table: str, column: str) -> bytes:
    return b"\x01" + b"".join(len(name).to_bytes(2, "big") + name for name in (table.encode(), column.encode()))


def seal(tenant_id: uuid.UUID, table: str, column: str, row_id: uuid.UUID, plaintext: bytes) -> bytes:
    """The sealed bytes of `plaintext` for this place. Raises `KeyErased` if the tenant's data was erased."""
    ring = keyring.ring(tenant_id)
    nonce = os.urandom(NONCE_BYTES)
    context = _place(table, column) + tenant_id.bytes + row_id.bytes
    return ring.head + nonce + ring.sealer.encrypt(nonce, plaintext, context)


def unseal(tenant_id: uuid.UUID, table: str, column: str, row_id: uuid.UUID, sealed: bytes) -> bytes:
    """What was sealed for this place.

    Raises `Altered` if the bytes were changed or stood elsewhere, `KeyErased` if the tenant's data was erased.
    """
    return unsealing(tenant_id, table, column)(row_id, sealed)


def unsealing(tenant_id: uuid.UUID, table: str, column: str) -> Callable[[uuid.UUID, bytes], bytes]:
    """`unseal` for many rows of one column; what they have in common is looked up once."""
    openers = keyring.ring(tenant_id).openers
    context = _place(table, column) + tenant_id.bytes

    def unseal_row(row_id: uuid.UUID, sealed: bytes) -> bytes:
        head = sealed[:5]
        key = openers.get(head) or keyring.opener(tenant_id, head)
        try:
            return key.decrypt(sealed[5:17], sealed[17:], context + row_id.bytes)
        except (InvalidTag, ValueError):
            raise Altered(
                f"The value in {table}.{column} of row {row_id} was altered, or sealed for another place; "
                "restore it from a backup."
            ) from None

    return unseal_row


def is_sealed(value: bytes) -> bool:
    """Whether the bytes have the form of a sealed value; only opening tells whether they are one."""
    return len(value) >= LEAST_BYTES and value[0] == keyring.VERSION
