"""The requests that a tenant's keys made of late: one stream in Valkey for each tenant, capped, for every contract.

An entry says method, path, status, the scope that was needed and whether the key had it, the time taken, the request id
and the key; never a query string, a header or a body. The newest `KEPT` stay, and those of a tenant whose keys are silent
go after `KEPT_SECONDS`.

A request only puts its entry on a list: a thread sends what is there together, a moment later. Sent by each request on its
own, an entry cost twenty times as much, since it woke Valkey for itself. While Valkey is away entries are lost and no
request fails; so are those of the last moment where a process is killed.
"""

import atexit
import os
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
import redis

from apps.keys import valkey

KEPT = 5_000
KEPT_SECONDS = 14 * 24 * 60 * 60
# Seconds after which what waits is sent.
MOMENT = 0.2
MOST_WAITING = 10_000
LONGEST_PATH = 200
CHUNK = 500
_NAME = "throughline:requests:"
_CAP = str(KEPT).encode()

Decision = Literal["granted", "missing", "not_needed", "not_asked"]


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One request, answered `at` that many milliseconds of Unix time.

    `scope` is what it needed, empty for none; `decision` is `not_asked` where it was refused before that.
    """

    at: int
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
    entry: Entry

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.entry.at / 1000, UTC)


class LogAway(Exception):
    """Valkey does not answer, so that nothing can be read and nothing is noted."""


_waiting: deque[tuple[uuid.UUID, Entry]] = deque(maxlen=MOST_WAITING)
_something_waits = threading.Event()
_sending = threading.Lock()
_sender: threading.Thread | None = None
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Entry).decode


def note(tenant_id: uuid.UUID, entry: Entry) -> None:
    """Have an entry sent within a moment; nobody waits for it, and nothing is raised."""
    _waiting.append((tenant_id, entry))
    if not _something_waits.is_set():
        _start_sender()
        _something_waits.set()


def flush() -> None:
    """Send what waits in this process, now."""
    with _sending:
        while taken := [_waiting.popleft() for _ in range(min(len(_waiting), CHUNK))]:
            valkey.tell([_packed(tenant_id, entry) for tenant_id, entry in taken])


def _packed(tenant_id: uuid.UUID, entry: Entry) -> bytes:
    name = f"{_NAME}{tenant_id.hex}".encode()
    return valkey.packed(b"XADD", name, b"MAXLEN", b"~", _CAP, b"*", b"r", _encode(entry))


def _start_sender() -> None:
    """One for each process, begun with its first entry: threads do not live on in a forked child."""
    global _sender
    if _sender is None:
        _sender = threading.Thread(target=_send_on_and_on, name="request-log", daemon=True)
        _sender.start()


def _send_on_and_on() -> None:
    while True:
        _something_waits.wait()
        time.sleep(MOMENT)
        _something_waits.clear()
        flush()


def _begin_anew() -> None:
    """In a forked child: the parent sends its own, and may have held the lock."""
    global _sender, _sending
    _sender, _sending = None, threading.Lock()
    _waiting.clear()
    _something_waits.clear()


os.register_at_fork(after_in_child=_begin_anew)
atexit.register(flush)


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
            yield Noted(cursor, _decode(next(iter(fields.values()))))
        if len(chunk) < CHUNK:
            return
        read += len(chunk)
        until = f"({cursor}"
