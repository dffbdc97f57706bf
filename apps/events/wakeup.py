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
# The command as the protocol writes it (RESP); the client takes longer to write it than to send it.
PUBLISH = b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n$16\r\n%%b\r\n" % (len(CHANNEL), CHANNEL.encode())

_held = threading.local()


def announce(tenant_id: uuid.UUID) -> None:
    """Say that `tenant_id` has new events. Never raises: the events themselves are already committed."""
    try:
        _connection().send_packed_command([PUBLISH % tenant_id.bytes], check_health=False)
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
