"""GET /events/stream/, from the stream process through the front door."""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from django.db import connection, connections

from apps.accounts import actions as accounts
from apps.core.actor import system_actor
from apps.events import recording as events
from apps.keys import actions as keys
from apps.keys.models import SCOPES
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.ground import services
from tests.people import VendorWorld
from tests.stack.runs import until
from tests.stack.serving import served

PATH = "/api/v2/events/stream/"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("stream")
    with served(folder, ready=PATH, stream="tests.events.impatient:application") as url:
        yield url + PATH


@dataclass
class Listener:
    """An open stream, read line by line."""

    answer: httpx.Response
    lines: Iterator[str]

    def comments(self) -> Iterator[str]:
        return (line for line in self.lines if line.startswith(":"))

    def events(self) -> Iterator[dict[str, Any]]:
        """Each event once its three lines are there and agree."""
        for line in self.lines:
            if line.startswith("id: "):
                kind, data = next(self.lines), next(self.lines)
                event: dict[str, Any] = json.loads(data.removeprefix("data: "))
                assert (line, kind) == (f"id: {event['id']}", f"event: {event['type']}")
                yield event


@contextmanager
def listening(url: str, key: str | None, **headers: str) -> Iterator[Listener]:
    """Open a stream and wait until it says that it is open."""
    sent = {"X-API-Key": key or "", **{name.replace("_", "-"): value for name, value in headers.items()}}
    with httpx.Client(timeout=60) as client, client.stream("GET", url, headers=sent) as answer:
        assert answer.status_code == 200, answer.read()
        listener = Listener(answer, answer.iter_lines())
        assert next(listener.comments()) == ": open"
        yield listener


def record(vendor: VendorWorld, member_id: uuid.UUID) -> None:
    with acting_as(vendor.actor):
        events.record("mood.logged", member_id=member_id, data={"mood_value": 3})


def recorded(vendor: VendorWorld) -> list[str]:
    found: list[str] = []
    query: dict[str, object] = {"limit": 100}
    while results := vendor.api.get("/events/", query).json()["results"]:
        found += [each["id"] for each in results]
        query["after"] = found[-1]
    return found


def refused(url: str, key: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers={"X-API-Key": key, **headers})


def test_an_event_written_after_the_opening_arrives(url: str, vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    earlier = vendor.member().person_id
    with listening(url, vendor.api.key) as listener:
        assert listener.answer.headers["Content-Type"] == "text/event-stream"
        assert "X-RateLimit-Remaining" in listener.answer.headers
        other_vendor.member()
        member_id = vendor.member().person_id
        heard = next(listener.events())
    assert heard["type"] == "member.assigned"
    assert heard["member_id"] == str(member_id) != str(earlier)
    assert heard["id"] == recorded(vendor)[-1]


def test_resuming_misses_nothing_and_repeats_nothing_while_others_write(url: str, vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    writers, each = 4, 40

    def write() -> None:
        try:
            for _ in range(each):
                record(vendor, member_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    heard = [recorded(vendor)[0]]
    while len(heard) < 1 + writers * each:
        with listening(url, vendor.api.key, Last_Event_ID=heard[-1]) as listener:
            for event, _ in zip(listener.events(), range(17), strict=False):
                heard.append(event["id"])
                if len(heard) == 1 + writers * each:
                    break
    for thread in threads:
        thread.join()
    assert heard == recorded(vendor)


def test_a_sixth_stream_of_a_key_waits_until_one_is_closed(url: str, vendor: VendorWorld) -> None:
    key = str(vendor.api.key)
    clients = [listening(url, key) for _ in range(5)]
    for client in clients:
        client.__enter__()
    sixth = refused(url, key)
    assert sixth.status_code == 429
    assert int(sixth.headers["Retry-After"]) >= 1
    assert "5 streams" in sixth.json()["detail"]
    with listening(url, vendor.key()[1]):
        pass

    clients.pop().__exit__(None, None, None)

    def opens() -> bool:
        with httpx.stream("GET", url, headers={"X-API-Key": key}) as answer:
            return answer.status_code == 200

    until(opens, "a place is free again")
    for client in clients:
        client.__exit__(None, None, None)


def test_the_stream_of_a_revoked_key_ends_and_others_go_on(url: str, vendor: VendorWorld) -> None:
    key, presented = vendor.key()
    with listening(url, presented) as ending, listening(url, vendor.api.key) as going_on:
        with acting_as(vendor.actor):
            keys.revoke(key_id=key.id)
        # Read to a clean end: a connection that merely broke would raise.
        assert all(line == "" or line.startswith((":", "retry")) for line in ending.lines)
        vendor.member()
        assert next(going_on.events())["type"] == "member.assigned"
    assert refused(url, presented).status_code == 401


def test_the_streams_of_a_suspended_vendor_end(url: str, vendor: VendorWorld) -> None:
    with listening(url, vendor.api.key) as ending:
        with acting_as(system_actor(PLATFORM_ID, door="command")):
            accounts.suspend(tenant_id=vendor.tenant.id)
        assert list(ending.events()) == []


def test_a_quiet_stream_has_a_heartbeat(url: str, vendor: VendorWorld) -> None:
    with listening(url, vendor.api.key) as listener:
        assert next(listener.comments()) == ": still here"
        vendor.member()
        assert next(listener.events())["type"] == "member.assigned"


@pytest.mark.parametrize("cursor", ["x", "1", str(uuid.UUID(int=4)), "-" * 36])
def test_a_malformed_last_event_id_is_a_422_that_names_it(url: str, vendor: VendorWorld, cursor: str) -> None:
    answer = refused(url, str(vendor.api.key), **{"Last-Event-ID": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"].keys() == {"Last-Event-ID"}


def test_a_key_without_the_scope_is_a_403_that_names_it(url: str, vendor: VendorWorld) -> None:
    answer = refused(url, vendor.key([scope for scope in SCOPES if scope != "sessions:read"])[1])
    assert answer.status_code == 403
    assert "sessions:read" in answer.json()["detail"]
    assert refused(url, "").status_code == 401


def test_without_valkey_events_still_arrive(url: str, vendor: VendorWorld) -> None:
    with listening(url, vendor.api.key) as listener:
        services().valkey.stop()
        try:
            vendor.member()
            assert next(listener.events())["type"] == "member.assigned"
            with listening(url, vendor.api.key) as second:
                vendor.member()
                assert next(second.events())["id"] == next(listener.events())["id"]
        finally:
            services().valkey.start()
        vendor.member()
        assert next(listener.events())["id"] == recorded(vendor)[-1]


def test_an_open_stream_outlives_a_restart_of_postgresql(url: str, vendor: VendorWorld) -> None:
    with listening(url, vendor.api.key) as listener:
        services().postgres.stop()
        try:
            assert next(listener.comments()) == ": still here"
            assert refused(url, str(vendor.api.key)).status_code == 503
        finally:
            services().postgres.start()
            connections.close_all()
        vendor.member()
        assert next(listener.events())["type"] == "member.assigned"
