"""The requests that a tenant's keys made of late: one stream in Valkey for each tenant, capped, for every contract.

An entry says method, path, status, the scope that was needed and whether the key had it, the time taken, the request id
and the key; never a query string, a header or a body. It is sent without waiting for an answer and costs a request no
round trip. While Valkey is away nothing is noted and no request fails. The newest `KEPT` stay, and those of a tenant
whose keys are silent go after `KEPT_SECONDS`.
"""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import redis

from apps.keys import valkey

KEPT = 5_000
KEPT_SECONDS = 14 * 24 * 60 * 60
LONGEST_PATH = 200
CHUNK = 500
_NAME = "throughline:requests:"
_CAP = str(KEPT).encode()

Decision = Literal["granted", "missing", "not_needed", "not_asked"]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One request. `scope` is what it needed, empty for none; `decision` is `not_asked` where it was refused before."""

    method: str
    path: str
    status: int
    scope: str
    decision: Decision
    milliseconds: float
    request_id: str
    key_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Noted:
    """An entry as it was kept: `cursor` is its place in the stream."""

    cursor: str
    at: datetime
    entry: Entry


class LogAway(Exception):
    """Valkey does not answer, so that nothing can be read and nothing is noted."""


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


def note(tenant_id: uuid.UUID, entry: Entry) -> None:
    """Send an entry on its way; nobody waits for it, and nothing is raised."""
    name = f"{_NAME}{tenant_id.hex}".encode()
    valkey.tell(valkey.packed(b"XADD", name, b"MAXLEN", b"~", _CAP, b"*", b"r", _encode(entry)))


def keep_for_a_while(client: redis.Redis, tenant_id: uuid.UUID) -> None:
    client.expire(f"{_NAME}{tenant_id.hex}", KEPT_SECONDS)


def newest_first(
    tenant_id: uuid.UUID, matches: Callable[[Entry], bool], *, before: str | None, count: int
) -> list[Noted]:
    """At most `count` entries that match, those before the cursor `before` if one is given. Raises `LogAway`."""
    found: list[Noted] = []
    for noted in _entries(tenant_id, before):
        if matches(noted.entry):
            found.append(noted)
            if len(found) == count:
                break
    return found


def _entries(tenant_id: uuid.UUID, before: str | None) -> Iterator[Noted]:
    name, until = f"{_NAME}{tenant_id.hex}", f"({before}" if before else "+"
    read = 0
    while read < 2 * KEPT:
        try:
            chunk: Any = valkey.client().xrevrange(name, max=until, min="-", count=CHUNK)
        except (redis.RedisError, OSError):
            raise LogAway from None
        for given, fields in chunk:
            cursor = given.decode() if isinstance(given, bytes) else str(given)
            at = datetime.fromtimestamp(int(cursor.partition("-")[0]) / 1000, UTC)
            yield Noted(cursor, at, _decode(next(iter(fields.values()))))
        if len(chunk) < CHUNK:
            return
        read += len(chunk)
        until = f"({cursor}"
