"""Health: which part is down shows by name; only the database's absence makes the service unavailable."""

from collections.abc import Iterator

import pytest
import redis
from django.conf import LazySettings, settings
from django.core.management import call_command
from django.db import connections
from django.test import Client

from apps.stack import health
from apps.stack.tasks import HEARTBEAT_KEY, heartbeat
from tests.ground import services


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(health, "_kept", None)
    yield
    with redis.Redis.from_url(settings.VALKEY_URL) as valkey:
        valkey.delete(HEARTBEAT_KEY)


@pytest.mark.parametrize("path", ["/healthz", "/healthz/", "/readyz", "/readyz/"])
def test_health_answers_without_a_credential_and_is_never_stored(path: str) -> None:
    answer = Client().get(path)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


def test_a_beating_worker_and_a_whole_database_are_ready() -> None:
    call_command("prepare", verbosity=0)
    heartbeat()

    assert Client().get("/readyz").json()["status"] == "ready"


def test_without_a_heartbeat_the_worker_is_gone_and_the_service_degraded() -> None:
    found = Client().get("/readyz").json()

    assert found["status"] == "degraded"
    assert found["parts"]["worker"] == {"status": "gone"}


def test_without_valkey_limits_are_per_process_and_requests_go_on(settings: LazySettings) -> None:
    settings.VALKEY_URL = f"unix://{services().places.sockets}/nobody.sock"

    answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["parts"]["valkey"] == {"status": "down"}
    assert answer.json()["parts"]["limits"] == "per-process"


def test_without_the_database_the_service_is_unavailable_and_says_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(services().places.sockets)
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", folder)

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert answer.json()["parts"]["database"] == {"status": "down"}
    assert folder not in answer.content.decode()
