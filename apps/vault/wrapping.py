"""The configured keys: they wrap the tenants' keys and touch no data themselves.

`FIELD_ENCRYPTION_KEY` is a list of 32-byte keys in URL-safe base64, as `Fernet.generate_key` makes them: the first
wraps, all unwrap. From each a wrapping key is derived (HKDF-SHA256, RFC 5869), so that the configured bytes serve
nothing else. A wrapped key is nonce (12 bytes), ciphertext and tag of AES-256-GCM; tenant and purpose are its
associated data.
"""

import binascii
import os
import uuid
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.vault.errors import VaultError

KEY_BYTES = 32
NONCE_BYTES = 12
REMEDY = (
    "make one with `python -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'` "
    "and keep it apart from the database."
)


class WrappedByUnknownKey(VaultError):
    """None of the configured keys opens this tenant's key."""


@dataclass(frozen=True, slots=True)
class WrappingKey:
    """`id`: 16 hex digits that name the key and reveal nothing of it."""

    id: str
    aead: AESGCM


def wrapping_keys() -> tuple[WrappingKey, ...]:
    """The configured keys, first the one that wraps. Raises `ImproperlyConfigured` with one sentence."""
    configured = getattr(settings, "FIELD_ENCRYPTION_KEY", None)
    if not configured:
        raise ImproperlyConfigured(f"FIELD_ENCRYPTION_KEY is not set; {REMEDY}")
    if isinstance(configured, (str, bytes)):
        configured = [configured]
    return _derived(tuple(part.decode("ascii", "replace") if isinstance(part, bytes) else part for part in configured))


@lru_cache(maxsize=8)
def _derived(configured: Sequence[str]) -> tuple[WrappingKey, ...]:
    return tuple(_derive(_decoded(text, place)) for place, text in enumerate(configured, start=1))


def _decoded(text: str, place: int) -> bytes:
    named = f"Key {place} of FIELD_ENCRYPTION_KEY"
    try:
        key = urlsafe_b64decode(text.encode("ascii"))
    except (binascii.Error, UnicodeEncodeError):
        raise ImproperlyConfigured(f"{named} is not URL-safe base64; {REMEDY}") from None
    if len(key) != KEY_BYTES:
        raise ImproperlyConfigured(f"{named} has {len(key)} bytes instead of {KEY_BYTES}; {REMEDY}")
    return key


def _derive(configured: bytes) -> WrappingKey:
    key = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"throughline vault wrapping 1").derive(configured)
    name = HKDF(algorithm=SHA256(), length=8, salt=None, info=b"throughline vault name 1").derive(configured)
    return WrappingKey(name.hex(), AESGCM(key))


def wrap(tenant_id: uuid.UUID, purpose: str, key: bytes) -> tuple[bytes, str]:
    """The key wrapped by the first configured key, and that one's id."""
    first = wrapping_keys()[0]
    nonce = os.urandom(NONCE_BYTES)
    return nonce + first.aead.encrypt(nonce, key, _context(tenant_id, purpose)), first.id


def unwrap(tenant_id: uuid.UUID, purpose: str, wrapped: bytes, wrapped_by: str) -> bytes:
    """The key itself. Raises `WrappedByUnknownKey` when no configured key opens it."""
    context = _context(tenant_id, purpose)
    for key in sorted(wrapping_keys(), key=lambda key: key.id != wrapped_by):
        try:
            return key.aead.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            continue
    raise WrappedByUnknownKey(
        f"The {purpose} key of tenant {tenant_id} was wrapped by key {wrapped_by}, which FIELD_ENCRYPTION_KEY no "
        "longer lists; put that key back at its end, or see whether the row was altered."
    )


def _context(tenant_id: uuid.UUID, purpose: str) -> bytes:
    return b"throughline key 1|" + tenant_id.bytes + purpose.encode("ascii")
