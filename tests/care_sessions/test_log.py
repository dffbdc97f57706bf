"""POST /sessions/."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from django.db import connections

from apps.care_sessions.models import Session
from apps.core.database import run
from apps.events.models import Event
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from tests.people import VendorWorld


def a_session(member_id: uuid.UUID, **changes: Any) -> dict[str, Any]:
    return {
        "member_id": str(member_id),
        "session_type": "individual",
        "modality": "video",
        "started_at": "2026-03-02T10:00:00Z",
        "ended_at": "2026-03-02T10:50:30Z",
        **changes,
    }


def last_session_of(vendor: VendorWorld, member_id: uuid.UUID) -> datetime | None:
    with acting_as(vendor.actor):
        return Assignment.objects.visible_to(vendor.actor).get(person_id=member_id).last_session_at


def test_a_session_comes_back_as_it_was_logged(vendor: VendorWorld) -> None:
    sent = a_session(
        vendor.member().person_id,
        external_id="visit-1",
        clinician_id=str(vendor.clinician.id),
        clinician_name="Dr Sam Okafor",
        mood_before=4,
        mood_after=7,
        summary="Slept badly; talked about work.",
        topics=["sleep", "work"],
        interventions=["thought record"],
        homework="Sleep diary",
        next_session_at="2026-03-09T10:00:00Z",
    )
    answer = vendor.api.post("/sessions/", sent)
    assert answer.status_code == 201, answer.content
    logged = answer.json()
    assert {field: logged[field] for field in sent} == sent
    assert (logged["status"], logged["duration_minutes"], logged["notes"]) == ("completed", 50, [])
    assert vendor.api.get(f"/sessions/{logged['id']}/").json() == logged


def test_an_open_session_has_no_duration(vendor: VendorWorld) -> None:
    sent = a_session(vendor.member().person_id, ended_at=None)
    assert vendor.api.post("/sessions/", sent).json()["duration_minutes"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ended_at": "2026-03-02T10:00:00Z"}, "ended_at"),
        ({"ended_at": "2026-03-02T09:59:59Z"}, "ended_at"),
        ({"started_at": "1899-12-31T00:00:00Z"}, "started_at"),
        ({"started_at": "2026-03-02T10:00:00"}, "started_at"),
        ({"next_session_at": "2300-01-01T00:00:00Z"}, "next_session_at"),
        ({"mood_before": 0}, "mood_before"),
        ({"mood_after": 11}, "mood_after"),
        ({"session_type": "seance"}, "session_type"),
        ({"external_id": ""}, "external_id"),
        ({"topics": ["a\x00b"]}, "topics.0"),
        ({"summary": "a\x00b"}, "summary"),
        ({"id": "0192f0a0-0000-7000-8000-000000000000"}, "id"),
        ({"clinician_id": "0192f0a0-0000-7000-8000-000000000000"}, "clinician_id"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_written(vendor: VendorWorld, change: dict[str, Any], field: str) -> None:
    member_id = vendor.member().person_id
    answer = vendor.api.post("/sessions/", a_session(member_id, **change))
    assert answer.status_code == 422, answer.content
    assert list(answer.json()["errors"]) == [field]
    assert vendor.api.get("/sessions/").json()["count"] == 0
    assert last_session_of(vendor, member_id) is None


def test_a_clinician_of_another_vendor_is_no_clinician_here(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    sent = a_session(vendor.member().person_id, clinician_id=str(other_vendor.clinician.id))
    assert "clinician_id" in vendor.api.post("/sessions/", sent).json()["errors"]


def test_a_repeated_external_id_is_refused_and_another_vendors_is_not(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    member_id, theirs = vendor.member().person_id, other_vendor.member().person_id
    assert vendor.api.post("/sessions/", a_session(member_id, external_id="v-1")).status_code == 201
    again = vendor.api.post("/sessions/", a_session(member_id, external_id="v-1", started_at="2026-03-02T10:10:00Z"))
    assert again.status_code == 409
    assert "external_id" in again.json()["detail"]
    assert last_session_of(vendor, member_id) == datetime.fromisoformat("2026-03-02T10:00:00Z")
    assert other_vendor.api.post("/sessions/", a_session(theirs, external_id="v-1")).status_code == 201


def test_of_eight_with_one_external_id_at_once_one_is_logged(vendor: VendorWorld) -> None:
    api, sent = vendor.api, a_session(vendor.member().person_id, external_id="race")

    def post(_: int) -> int:
        try:
            return api.post("/sessions/", sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(post, range(8))) == [201] + [409] * 7


def test_only_an_assigned_member_has_sessions(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    for member_id in (other_vendor.member().person_id, uuid.uuid4()):
        answer = vendor.api.post("/sessions/", a_session(member_id))
        assert answer.status_code == 404
        assert answer.json() == {"detail": "Member not found or not assigned to this vendor"}


def test_the_last_session_is_the_latest_completed_one(vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    for day, status in ((10, "completed"), (5, "completed"), (20, "no_show"), (25, "cancelled")):
        sent = a_session(member_id, started_at=f"2026-03-{day:02}T10:00:00Z", ended_at=None, status=status)
        assert vendor.api.post("/sessions/", sent).status_code == 201
    assert last_session_of(vendor, member_id) == datetime.fromisoformat("2026-03-10T10:00:00Z")


def test_the_event_tells_codes_and_no_words(vendor: VendorWorld) -> None:
    sent = a_session(vendor.member().person_id, summary="a secret", homework="another")
    logged = vendor.api.post("/sessions/", sent).json()
    with acting_as(vendor.actor):
        event = Event.objects.get(tenant_id=vendor.tenant.id, type="session.logged")
    assert event.data["session_id"] == logged["id"]
    assert "secret" not in str(event.data)


def test_summary_and_homework_stand_sealed(vendor: VendorWorld) -> None:
    sent = a_session(vendor.member().person_id, summary="a secret", homework="a secret too")
    logged = vendor.api.post("/sessions/", sent).json()
    with acting_as(vendor.actor):
        ((summary, homework),) = run(
            [("SELECT summary, homework FROM care_sessions_session WHERE id = %s", (logged["id"],))]
        )[0]
        loaded = Session.objects.visible_to(vendor.actor).get(id=logged["id"])
        assert b"secret" not in bytes(summary) + bytes(homework)
        assert (loaded.summary, loaded.homework) == ("a secret", "a secret too")
