"""`/healthz`: this process answers. `/readyz`: each part by name, for balancers and for people.

Neither needs a credential, and neither says more than a state: no address, no version, no exception's text. What
`/readyz` found is kept for two seconds, so that asking it often costs nothing.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import psycopg
import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

from apps.stack.checks import why_unsafe
from apps.stack.tasks import HEARTBEAT_KEY

_KEEP_SECONDS = 2.0
_TIMEOUT_SECONDS = 2
_kept: tuple[float, dict[str, Any]] | None = None


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process can answer at all; touches nothing else."""
    return JsonResponse({"status": "ok"})


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """The state of each part. 503 when the database is unusable; 200 with `degraded` when something else is."""
    global _kept
    if _kept is None or time.monotonic() - _kept[0] > _KEEP_SECONDS:
        _kept = (time.monotonic(), look())
    found = _kept[1]
    answer = JsonResponse(found, status=503 if found["status"] == "unavailable" else 200)
    if answer.status_code == 503:
        answer["Retry-After"] = "5"
    return answer


def look() -> dict[str, Any]:
    """Ask every part now: `{"status": ..., "parts": {...}}`. Takes a few seconds at most, whatever is broken."""
    database_up = _database_answers()
    valkey_up, worker = _valkey_and_worker()
    parts: dict[str, Any] = {
        "database": {"status": "up" if database_up else "down"},
        "valkey": {"status": "up" if valkey_up else "down"},
        "limits": "shared" if valkey_up else "per-process",
        "worker": worker,
        "migrations": _migrations() if database_up else {"status": "unknown"},
        "row_security": _row_security() if database_up else {"status": "unknown"},
    }
    fine = {"up", "applied", "enforced"}
    whole = all(part["status"] in fine for part in parts.values() if isinstance(part, dict))
    status = "ready" if whole else "degraded" if database_up else "unavailable"
    return {"status": status, "parts": parts}


def _database_answers() -> bool:
    # A connection of its own: the pool would wait for its own, longer timeout, and may hold a broken connection.
    parameters = connection.get_connection_params()
    wanted = {name: parameters[name] for name in parameters if name not in _NOT_FOR_PSYCOPG}
    try:
        with psycopg.connect(**(wanted | {"connect_timeout": _TIMEOUT_SECONDS})) as own:
            own.execute(f"SET LOCAL statement_timeout = {_TIMEOUT_SECONDS * 1000}")
            own.execute("SELECT 1")
    except psycopg.Error:
        return False
    return True


_NOT_FOR_PSYCOPG = {
    "context",
    "cursor_factory",
    "prepare_threshold",
    "server_side_binding",
    "isolation_level",
    "pool",
}


def _valkey_and_worker() -> tuple[bool, dict[str, Any]]:
    client = redis.Redis.from_url(
        settings.VALKEY_URL, socket_timeout=1, socket_connect_timeout=1, retry=None, decode_responses=True
    )
    try:
        seen = client.get(HEARTBEAT_KEY)
    except redis.RedisError:
        return False, {"status": "unknown"}
    finally:
        client.close()
    if not isinstance(seen, str) or not seen.isdigit():
        return True, {"status": "gone"}
    return True, {"status": "up", "seen_seconds_ago": max(0, round(time.time()) - int(seen))}


@lru_cache(maxsize=1)
def _migrations_on_disk() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _migrations() -> dict[str, Any]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            applied = {(app, name) for app, name in cursor.fetchall()}
    except DatabaseError:
        return {"status": "unknown"}
    pending = len(_migrations_on_disk() - applied)
    return {"status": "pending", "pending": pending} if pending else {"status": "applied"}


def _row_security() -> dict[str, Any]:
    try:
        return {"status": "enforced" if why_unsafe() is None else "unsafe"}
    except DatabaseError:
        return {"status": "unknown"}
