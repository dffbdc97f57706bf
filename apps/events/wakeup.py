"""Wake the streams: a one-way word to Valkey that a tenant has news.

The connection is told never to answer, so that saying it costs no round trip. A lost word is harmless: streams
also look by themselves with every heartbeat.
"""

import threading
import uuid
from typing import Any

import redis
from django.conf import settings

CHANNEL = "throughline:news"

_held = threading.local()


def announce(tenant_id: uuid.UUID) -> None:
    """Say that `tenant_id` has new events. Never raises: the events themselves are already committed."""
    try:
        _connection().send_command("PUBLISH", CHANNEL, tenant_id.bytes)
    except (redis.RedisError, OSError):
        _held.connection = None


def _connection() -> Any:
    connection: Any = getattr(_held, "connection", None)
    if connection is None:
        pool = redis.ConnectionPool.from_url(settings.VALKEY_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
        connection = pool.make_connection()
        connection.connect()
        connection.send_command("CLIENT", "REPLY", "OFF")
        _held.connection = connection
    return connection
