"""The worker's sign of life: beat queues it, a worker writes it, `/readyz` reads it."""

from __future__ import annotations

import time

import redis
from celery import shared_task
from django.conf import settings

HEARTBEAT_KEY = "heartbeat:worker"
# Several beats (settings say how often) may be missed before the worker counts as gone.
HEARTBEAT_LASTS_SECONDS = 60


@shared_task(name="stack.heartbeat", ignore_result=True, expires=HEARTBEAT_LASTS_SECONDS)
def heartbeat() -> None:
    """Write the time as Unix seconds under a key that expires by itself."""
    client = redis.Redis.from_url(settings.VALKEY_URL, socket_timeout=2)
    client.set(HEARTBEAT_KEY, f"{time.time():.0f}", ex=HEARTBEAT_LASTS_SECONDS)
    client.close()
