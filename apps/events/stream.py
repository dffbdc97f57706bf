"""The stream: a tenant's events pushed to whoever listens, by one hub in each stream process.

The hub hears from Valkey that a tenant has news, reads it once, and hands it to each of that tenant's listeners. A
listener first catches up from its cursor in the database and then takes from the hub, leaving out what it has sent
already, so nothing is missed and nothing comes twice. While Valkey is away the hub looks by itself every second. With
each look it also asks whether the listeners' keys are still valid, and ends those whose are not. A bell hears only of
which kinds the news are, for pages that then ask for what they may see.
"""

import asyncio
import threading
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from weakref import WeakSet

import redis.asyncio
from django.conf import settings
from django.db import Error, connection
from django.http import StreamingHttpResponse
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from apps.core.actor import system_actor
from apps.core.database import run
from apps.core.errors import DomainError
from apps.events import feed
from apps.events.wakeup import CHANNEL
from apps.tenants.context import acting_as

MOST_PER_KEY = 5
MOST_IN_PROCESS = 2_000
HEARTBEAT_SECONDS = 15.0
LOOK_SECONDS = 5.0
LOOK_SECONDS_WITHOUT_VALKEY = 1.0
BATCH = 200
WAITING = 1_000
# What pages listen for.
KINDS = frozenset({"assessment", "care_context", "crisis", "handoff", "member", "note", "risk", "session"})

VALID_KEYS = """
SELECT k.id FROM keys_apikey k JOIN tenants_tenant t ON t.id = k.tenant_id
WHERE k.tenant_id = %s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
  AND t.status = 'active'
"""


class TooManyStreams(DomainError):
    """The key has its streams open already, or this process has all that it can serve."""

    code = "too_many_streams"


@dataclass(eq=False, slots=True)
class Listener:
    key_id: uuid.UUID
    queue: "asyncio.Queue[feed.Row | None]" = field(default_factory=lambda: asyncio.Queue(WAITING))

    def may_hear(self, valid_keys: set[uuid.UUID]) -> bool:
        return self.key_id in valid_keys

    def give(self, row: feed.Row | None) -> None:
        """Hand on an event, or None to end. One who has fallen too far behind is ended and may resume."""
        try:
            self.queue.put_nowait(row)
        except asyncio.QueueFull:
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)


@dataclass(eq=False, slots=True)
class Bell:
    """Rings once for any number of events and tells their kinds: the first parts of their types.

    Whoever holds it asks by themselves whether they still may hear.
    """

    kinds: set[str] = field(default_factory=set)
    rung: asyncio.Event = field(default_factory=asyncio.Event)

    def may_hear(self, valid_keys: set[uuid.UUID]) -> bool:
        return True

    def give(self, row: feed.Row | None) -> None:
        if row is not None:
            self.ring({kind_of(row)})

    def ring(self, kinds: Iterable[str]) -> None:
        self.kinds |= set(kinds)
        if self.kinds:
            self.rung.set()

    async def heard(self, seconds: float) -> set[str]:
        """The kinds that came since the last time, or came first within `seconds`; empty when none did."""
        with suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0)):
                await self.rung.wait()
        heard, self.kinds = self.kinds, set()
        self.rung.clear()
        return heard


def kind_of(row: feed.Row) -> str:
    """`crisis` of `crisis.flagged`."""
    return str(row[1]).partition(".")[0]


@dataclass(eq=False, slots=True)
class Audience:
    """The listeners of one tenant, and how far the hub has read for them."""

    cursor: uuid.UUID | None
    listeners: set[Listener | Bell] = field(default_factory=set)
    looking: bool = False
    look_again: bool = False


@dataclass(eq=False, frozen=True)
class Place:
    """The permission of a key, or of a person, to have one stream open."""

    holder_id: uuid.UUID


class Places:
    """How many streams are open, by holder and in all; asked before a stream begins, from any thread.

    A place is free again when it is given back, and at the latest when nobody holds it any more: a client may be
    gone before its answer has begun.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: WeakSet[Place] = WeakSet()

    def take(self, holder_id: uuid.UUID, *, most: int = MOST_PER_KEY, holder: str = "This key") -> Place:
        """Raises `TooManyStreams`, in words that begin with who the `holder` is."""
        with self._lock:
            taken = [place.holder_id for place in self._taken]
            if taken.count(holder_id) >= most:
                raise TooManyStreams(f"{holder} has {most} streams open, which is the most. Close one first.")
            if len(taken) >= MOST_IN_PROCESS:
                raise TooManyStreams("All streams are taken for the moment. Try again shortly.")
            place = Place(holder_id)
            self._taken.add(place)
        return place

    def give_back(self, place: Place) -> None:
        """Safe to call twice."""
        with self._lock:
            self._taken.discard(place)


class OpenStream(StreamingHttpResponse):
    """An answer that goes on; closing it, however it comes about, gives its place back."""

    def __init__(self, frames: AsyncIterator[bytes], place: Place) -> None:
        super().__init__(frames, content_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._place = place

    def close(self) -> None:
        super().close()
        places.give_back(self._place)


class Hub:
    """The one reader of a stream process. Lives in the event loop that serves the streams."""

    def __init__(self) -> None:
        self._audiences: dict[uuid.UUID, Audience] = {}
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="stream")
        self._tasks: set[asyncio.Task[None]] = set()
        self._valkey_away = True
        self._begin(self._listen())
        self._begin(self._look_regularly())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @asynccontextmanager
    async def listening(
        self, *, tenant_id: uuid.UUID, key_id: uuid.UUID, after: uuid.UUID | None
    ) -> AsyncIterator[AsyncIterator[feed.Row | None]]:
        """The tenant's events behind `after` (or from the entry on), forever; None for each quiet `HEARTBEAT_SECONDS`.

        Ends when the key is no longer valid.
        """
        listener = Listener(key_id)
        async with self._among(tenant_id, listener) as audience:
            if after is None:
                yield _heard(listener, audience.cursor)
            else:
                yield self._caught_up(listener, tenant_id, after)

    @asynccontextmanager
    async def hanging(self, bell: Bell, *, tenant_id: uuid.UUID, since: datetime | None) -> AsyncIterator[None]:
        """Ring the bell for the tenant's events from now on, and at once for the kinds of those since then.

        A set of kinds costs no more than one reading: where more events than that were missed, it rings for all.
        """
        async with self._among(tenant_id, bell):
            if since is not None:
                rows = await self._in_thread(_after, tenant_id, feed.cursor_at(since))
                bell.ring(KINDS if len(rows) == BATCH else map(kind_of, rows))
            yield

    @asynccontextmanager
    async def _among(self, tenant_id: uuid.UUID, listener: Listener | Bell) -> AsyncIterator[Audience]:
        audience = self._audiences.get(tenant_id)
        if audience is None:
            cursor = await self._in_thread(_newest, tenant_id)
            audience = self._audiences.setdefault(tenant_id, Audience(cursor))
        audience.listeners.add(listener)
        try:
            yield audience
        finally:
            audience.listeners.discard(listener)
            if not audience.listeners and self._audiences.get(tenant_id) is audience:
                del self._audiences[tenant_id]

    async def _caught_up(
        self, listener: Listener, tenant_id: uuid.UUID, last: uuid.UUID
    ) -> AsyncIterator[feed.Row | None]:
        while rows := await self._in_thread(_after, tenant_id, last):
            for row in rows:
                yield row
            last = rows[-1][0]
        async for heard in _heard(listener, last):
            yield heard

    async def _in_thread[**P, R](self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: call(*args, **kwargs))

    def _wake(self, tenant_id: uuid.UUID) -> None:
        audience = self._audiences.get(tenant_id)
        if audience is None:
            return
        if audience.looking:
            audience.look_again = True
        else:
            audience.looking = True
            self._begin(self._look(tenant_id, audience))

    async def _look(self, tenant_id: uuid.UUID, audience: Audience) -> None:
        try:
            full = True
            while full or audience.look_again:
                audience.look_again = False
                rows, valid = await self._in_thread(_news, tenant_id, audience.cursor)
                for listener in list(audience.listeners):
                    if not listener.may_hear(valid):
                        listener.give(None)
                        continue
                    for row in rows:
                        listener.give(row)
                if rows:
                    audience.cursor = rows[-1][0]
                full = len(rows) == BATCH
        except Error:
            # The next look tries again; until then listeners hear heartbeats.
            return
        finally:
            audience.looking = False

    async def _look_regularly(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS_WITHOUT_VALKEY if self._valkey_away else LOOK_SECONDS)
            for tenant_id in list(self._audiences):
                self._wake(tenant_id)

    async def _listen(self) -> None:
        while True:
            with suppress(redis.RedisError, OSError):
                # Without retries of its own, so that the hub knows at once that it has to look by itself.
                client = redis.asyncio.Redis.from_url(
                    settings.VALKEY_URL, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
                )
                async with client, client.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    self._valkey_away = False
                    for tenant_id in list(self._audiences):
                        self._wake(tenant_id)
                    async for message in pubsub.listen():
                        if message["type"] == "message":
                            self._wake(uuid.UUID(bytes=message["data"]))
            self._valkey_away = True
            await asyncio.sleep(LOOK_SECONDS_WITHOUT_VALKEY)


async def _heard(listener: Listener, last: uuid.UUID | None) -> AsyncIterator[feed.Row | None]:
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                heard = await listener.queue.get()
        except TimeoutError:
            yield None
            continue
        if heard is None:
            return
        if last is None or heard[0] > last:
            last = heard[0]
            yield heard


def _newest(tenant_id: uuid.UUID) -> uuid.UUID | None:
    with acting_as(system_actor(tenant_id, door="stream"), durable=False):
        return feed.newest(tenant_id)


def _after(tenant_id: uuid.UUID, cursor: uuid.UUID | None) -> Sequence[feed.Row]:
    with acting_as(system_actor(tenant_id, door="stream"), durable=False):
        return feed.after(tenant_id, cursor, limit=BATCH)


def _news(tenant_id: uuid.UUID, cursor: uuid.UUID | None) -> tuple[Sequence[feed.Row], set[uuid.UUID]]:
    try:
        with acting_as(system_actor(tenant_id, door="stream"), durable=False):
            rows = feed.after(tenant_id, cursor, limit=BATCH)
            valid = run([(VALID_KEYS, (tenant_id,))])[0]
    except Error:
        connection.close()
        raise
    return rows, {row[0] for row in valid}


places = Places()
_hub_of: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _hub_of:
        _hub_of[loop] = Hub()
    return _hub_of[loop]
