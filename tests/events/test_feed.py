"""GET /events/ and GET /members/{member_id}/timeline/."""

import threading
import uuid

import pytest
from django.db import connection

from apps.events import recording as events
from apps.tenants.context import acting_as
from tests.people import VendorWorld


def record(vendor: VendorWorld, member_id: uuid.UUID) -> None:
    with acting_as(vendor.actor):
        events.record("mood.logged", member_id=member_id, data={"mood_value": 3})


def test_the_feed_is_oldest_first_and_goes_on_from_its_cursor(vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    for _ in range(4):
        record(vendor, member_id)
    first = vendor.api.get("/events/", {"limit": 2}).json()
    rest = vendor.api.get("/events/", {"after": first["next_cursor"]}).json()
    assert first["results"][0]["type"] == "member.assigned"
    assert rest["results"][-1]["actor"]["name"] == "Dr Sam Okafor"
    assert rest["results"][-1]["data"] == {"mood_value": 3}
    ids = [each["id"] for each in first["results"] + rest["results"]]
    assert len(ids) == 5
    assert ids == sorted(ids)
    assert vendor.api.get("/events/", {"after": ids[-1]}).json() == {"next_cursor": ids[-1], "results": []}


def test_the_timeline_is_newest_first_and_ends(vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    record(vendor, member_id)
    path = f"/members/{member_id}/timeline/"
    newest = vendor.api.get(path, {"limit": 1}).json()
    assert newest["results"][0]["type"] == "mood.logged"
    oldest = vendor.api.get(path, {"after": newest["next_cursor"]}).json()
    assert [each["type"] for each in oldest["results"]] == ["member.assigned"]
    assert oldest["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["x", "1", str(uuid.UUID(int=4)), "00000000-0000-0000-0000-000000000000"])
def test_a_malformed_cursor_is_refused(vendor: VendorWorld, cursor: str) -> None:
    response = vendor.api.get("/events/", {"after": cursor})
    assert response.status_code == 422
    assert "after" in response.json()["errors"]


def test_events_of_concurrent_writers_are_never_skipped(vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    writers, each = 4, 10

    def write() -> None:
        try:
            for _ in range(each):
                record(vendor, member_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(writers)]
    for thread in threads:
        thread.start()
    cursor: str | None = None
    seen: list[str] = []
    while any(thread.is_alive() for thread in threads):
        page = vendor.api.get("/events/", {"limit": 7, **({"after": cursor} if cursor else {})}).json()
        cursor = page["next_cursor"]
        seen += [event["id"] for event in page["results"]]
    for thread in threads:
        thread.join()
    rest = vendor.api.get("/events/", {"limit": 100, **({"after": cursor} if cursor else {})}).json()
    seen += [event["id"] for event in rest["results"]]
    assert len(set(seen)) == writers * each + 1
    assert seen == sorted(seen)


def test_a_made_up_cursor_of_a_far_future_is_behind_everything(vendor: VendorWorld) -> None:
    vendor.member()
    cursor = "fb85fbd0-6f7a-7150-afde-9e406b2efa3e"
    assert vendor.api.get("/events/", {"after": cursor}).json() == {"next_cursor": cursor, "results": []}
