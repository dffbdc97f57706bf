"""Blind indexes: search on encrypted values without storing them.

A token is the first 16 bytes of HMAC-SHA-256 under the tenant's index key, with its purpose inside, so that equal
words of two tenants or two purposes have nothing in common. Tokens show which rows share a word, to whoever reads
the table, and nothing else; 128 bits make a chance collision among a million members negligible.
"""

import unicodedata
import uuid
from collections.abc import Iterable
from typing import Final

from apps.vault import keyring

TOKEN_BYTES: Final = 16
SHORTEST_PREFIX: Final = 2
LONGEST_PREFIX: Final = 12
SEARCH: Final = "search"


def token(tenant_id: uuid.UUID, purpose: str, text: str) -> bytes:
    """16 bytes that stand for exactly this text, in this tenant, for this purpose; normalise it first."""
    return fingerprint(tenant_id, purpose, text.encode("utf-8", "replace"))[:TOKEN_BYTES]


def fingerprint(tenant_id: uuid.UUID, purpose: str, message: bytes) -> bytes:
    """32 bytes that nobody without the tenant's index key can make for this message and purpose."""
    named = purpose.encode()
    return keyring.mac(tenant_id, len(named).to_bytes(2, "big") + named + message)


def normalise(text: str) -> str:
    """One spelling for what people take for the same: NFKC, no accents, no case, single spaces."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(unicodedata.normalize("NFKC", plain).split())


def search_words(
    *,
    names: Iterable[str | None] = (),
    email: str | None = None,
    external_id: str | None = None,
) -> set[str]:
    """Every normalised word under which a person is found: names also by the beginnings of their words."""
    words: set[str] = set()
    for name in names:
        for word in _words_of_name(name or ""):
            words.add(word)
            words.update(word[:length] for length in range(SHORTEST_PREFIX, min(len(word), LONGEST_PREFIX) + 1))
    for text in (email, external_id):
        pieces = _pieces(text or "")
        words.update(pieces)
        words.add("".join(pieces))
    words.discard("")
    return words


def search_tokens(
    tenant_id: uuid.UUID,
    *,
    names: Iterable[str | None] = (),
    email: str | None = None,
    external_id: str | None = None,
) -> set[bytes]:
    """The tokens to store for a person.

    Found by each word of a name or its beginning (2 to 12 characters), and by the whole email and external id.
    """
    words = search_words(names=names, email=email, external_id=external_id)
    return {token(tenant_id, SEARCH, word) for word in words}


def query_tokens(tenant_id: uuid.UUID, text: str) -> list[bytes]:
    """The tokens that a person must all have to be found by `text`; empty when it holds no word."""
    return [token(tenant_id, SEARCH, word) for word in dict.fromkeys(_pieces(text))]


def _words_of_name(name: str) -> list[str]:
    """Anne-Marie is found as annemarie, anne and marie."""
    parts = "".join(letter if letter.isalnum() else " " for letter in normalise(name)).split()
    return [*_pieces(name), *parts]


def _pieces(text: str) -> list[str]:
    """The words between spaces, without punctuation; an email address stays as it is."""
    pieces = normalise(text).split()
    bare = (piece if "@" in piece else "".join(filter(str.isalnum, piece)) for piece in pieces)
    return [piece for piece in bare if piece]
