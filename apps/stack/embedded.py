"""The two embedded servers together, for whoever needs them for a while: the tests and the load measurements."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apps.stack import processes
from apps.stack.errors import CannotStart
from apps.stack.places import Places
from apps.stack.postgres import APPLICATION, OWNER, SUPERUSER, PostgresServer
from apps.stack.valkey import ValkeyServer

_LEFTOVER_SECONDS = 20


@dataclass(frozen=True)
class Services:
    """Both servers, running. `postgres` and `valkey` can be stopped and started again, as fault tests do."""

    places: Places
    postgres: PostgresServer
    valkey: ValkeyServer

    @property
    def database_url(self) -> str:
        """As the application connects: the role that row security binds."""
        return self.postgres.url(APPLICATION)

    @property
    def owner_database_url(self) -> str:
        """As migrations connect: the role that owns database and schema."""
        return self.postgres.url(OWNER)

    @property
    def superuser_database_url(self) -> str:
        return self.postgres.url(SUPERUSER)

    @property
    def valkey_url(self) -> str:
        return self.valkey.url


@contextmanager
def exclusive_use(places: Places) -> Iterator[None]:
    """Make the folders and hold them against a second run; end what an earlier run left behind, and leave no socket.

    Raises `CannotStart` when another run holds them. The lock goes with the process, however it ends.
    """
    places.make()
    lock = os.open(places.data / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"{places.data} is in use by another run; stop that one, or set DATA_DIR and PORT for a second."
            ) from None
        processes.end_leftovers(places.process_ids, grace=_LEFTOVER_SECONDS)
        try:
            yield
        finally:
            places.remove_runtime()
    finally:
        os.close(lock)


@contextmanager
def running_services(data_dir: Path, *, durable: bool = True) -> Iterator[Services]:
    """PostgreSQL and Valkey over `data_dir` until the block ends; the data stays. Call from the main thread.

    `durable=False` turns off what guards against power cuts, for tests. Raises `CannotStart`.
    """
    places = Places.of(data_dir)
    with exclusive_use(places):
        services = Services(places, PostgresServer(places, durable=durable), ValkeyServer(places))
        try:
            services.postgres.start()
            services.valkey.start()
            yield services
        finally:
            services.valkey.stop()
            services.postgres.stop()
