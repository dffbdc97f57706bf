"""The shared Valkey connection of this process, and what to do while Valkey is away."""

import time

import redis
from django.conf import settings

AWAY_SECONDS = 2.0

_client: redis.Redis | None = None
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


def is_away() -> bool:
    return time.monotonic() < _away_until


def mark_away() -> None:
    global _away_until
    _away_until = time.monotonic() + AWAY_SECONDS
