"""How a key is written: `<prefix>_<live|test>_<32 base62><6 base62>`, the last six being a checksum.

The checksum is the CRC-32 (ISO 3309) of all that stands before it, so that a mistyped key is refused without a
look-up and a leaked one can be found by a pattern. What is stored is HMAC-SHA-256 (RFC 2104) under the
server-side pepper: fast to check, and of no use to whoever reads the table alone.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from functools import cache

from django.conf import settings

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PREFIXES = {"vendor": "bfl", "developer": "bs", "partner": "taih"}
SHOWN = 12

_FORM = re.compile(r"(bfl|bs|taih)_(live|test)_[0-9A-Za-z]{38}")


def generate(contract: str, *, sandbox: bool) -> str:
    body = "".join(secrets.choice(ALPHABET) for _ in range(32))
    head = f"{PREFIXES[contract]}_{'test' if sandbox else 'live'}_{body}"
    return head + checksum(head)


def checksum(head: str) -> str:
    value = zlib.crc32(head.encode())
    digits = ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        digits = ALPHABET[digit] + digits
    return digits


def is_well_formed(presented: str, contract: str) -> bool:
    if len(presented) > 60 or not _FORM.fullmatch(presented):
        return False
    if not presented.startswith(PREFIXES[contract] + "_"):
        return False
    return hmac.compare_digest(checksum(presented[:-6]), presented[-6:])


def digest(presented: str) -> bytes:
    """32 bytes by which a key is found and kept."""
    mac = _peppered(settings.KEY_PEPPER).copy()
    mac.update(presented.encode())
    return mac.digest()


@cache
def _peppered(pepper: str) -> hmac.HMAC:
    """Begun once: the library takes longer to find the hash than to compute it."""
    return hmac.new(pepper.encode(), digestmod=hashlib.sha256)
