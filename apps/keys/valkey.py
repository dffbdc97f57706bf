"""The shared Valkey connection of this process, and what to do while Valkey is away."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import redis
from django.conf import settings

AWAY_SECONDS = 2.0

_client: redis.Redis | None = None
_held = threading.local()
_away_until = 0.0


class ValkeyAway(Exception):
    """Valkey does not answer; the caller goes on without it."""


def client() -> redis.Redis:
    global _client
    if _client is None:
        _client = redis.Redis.from_url(
            settings.VALKEY_URL, socket_timeout=0.5, socket_connect_timeout=0.5, retry=None, health_check_interval=0
        )
    return _client


def ask(packed: bytes) -> Any:
    """The answer to one command that is packed already, over a connection that this thread keeps.

    The client's own way costs several times as much as the command. A connection that Valkey has closed meanwhile is
    opened once more. Raises `redis.RedisError` or `OSError`.
    """
    connection: Any = getattr(_held, "connection", None)
    if connection is not None:
        try:
            return _answer(connection, packed)
        except redis.exceptions.TimeoutError:
            raise
        except (redis.exceptions.ConnectionError, OSError):
            _held.connection = None
    connection = client().connection_pool.make_connection()
    connection.connect()
    _held.connection = connection
    return _answer(connection, packed)


def _answer(connection: Any, packed: bytes) -> Any:
    try:
        connection.send_packed_command([packed], check_health=False)
        return connection.read_response()
    except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError):
        # What may still come belongs to nobody.
        connection.disconnect()
        raise


def tell(packed: Sequence[bytes]) -> None:
    """Send packed commands together, whose answers nobody needs. Nothing is raised: while Valkey is away they are lost.

    Over a connection that is used for nothing else. If Valkey has closed it meanwhile it is opened once more.
    """
    for _ in range(2):
        if is_away():
            return
        try:
            _tell(packed)
            return
        except redis.exceptions.TimeoutError:
            _held.telling = None
            mark_away()
        except (redis.exceptions.ConnectionError, OSError):
            _held.telling = None


def _tell(packed: Sequence[bytes]) -> None:
    connection: Any = getattr(_held, "telling", None)
    if connection is None:
        connection = client().connection_pool.make_connection()
        connection.connect()
        _held.telling = connection
    connection.send_packed_command([b"".join(packed)], check_health=False)
    for _ in packed:
        # One that was refused, as by a Valkey that is full, is lost like one that was not heard.
        with suppress(redis.exceptions.ResponseError):
            connection.read_response()


def packed(*parts: bytes) -> bytes:
    """A command in the protocol's form (RESP)."""
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)


def is_away() -> bool:
    return time.monotonic() < _away_until


def mark_away() -> None:
    global _away_until
    _away_until = time.monotonic() + AWAY_SECONDS
