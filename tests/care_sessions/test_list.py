"""GET /sessions/ and GET /sessions/{session_id}/."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import VendorWorld


def log(vendor: VendorWorld, member_id: uuid.UUID, **changes: Any) -> str:
    body = {"member_id": str(member_id), "session_type": "individual", "modality": "phone", **changes}
    body.setdefault("started_at", "2026-03-02T10:00:00Z")
    answer = vendor.api.post("/sessions/", body)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def listed(vendor: VendorWorld, **query: object) -> list[str]:
    answer = vendor.api.get("/sessions/", query)
    assert answer.status_code == 200, answer.content
    return [each["id"] for each in answer.json()["results"]]


def test_newest_come_first_in_pages(vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    made = [log(vendor, member_id) for _ in range(3)]
    first = vendor.api.get("/sessions/", {"limit": 2}).json()
    assert ([each["id"] for each in first["results"]], first["count"]) == ([made[2], made[1]], 3)
    assert listed(vendor, limit=2, offset=2) == [made[0]]
    assert listed(vendor, offset=50) == []


def test_filters_narrow_and_combine(vendor: VendorWorld) -> None:
    one, two = vendor.member().person_id, vendor.member().person_id
    missed = log(vendor, one, status="no_show")
    kept = log(vendor, one)
    log(vendor, two)
    assert listed(vendor, member_id=one) == [kept, missed]
    assert listed(vendor, member_id=one, status="no_show") == [missed]
    assert listed(vendor, status="scheduled") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"from": "2026-03-02"}, [2, 1]),
        ({"to": "2026-03-01"}, [0]),
        ({"from": "2026-03-01", "to": "2026-03-02"}, [1, 0]),
        ({"from": "2026-03-02T23:30:00Z", "to": "2026-03-02T23:30:00Z"}, [1]),
        ({"from": "2026-03-03T01:00:00+01:00"}, [2]),
        ({"from": "2027-01-01"}, []),
    ],
)
def test_from_and_to_are_inclusive(vendor: VendorWorld, query: dict[str, str], expected: list[int]) -> None:
    member_id = vendor.member().person_id
    starts = ("2026-03-01T00:00:00Z", "2026-03-02T23:30:00Z", "2026-03-03T00:00:00Z")
    made = [log(vendor, member_id, started_at=start) for start in starts]
    assert listed(vendor, **query) == [made[index] for index in expected]


@pytest.mark.parametrize("wrong", ["yesterday", "2026-02-30", "2026-03-02T10:00:00", "1700-01-01", ""])
def test_a_period_that_is_none_is_named(vendor: VendorWorld, wrong: str) -> None:
    answer = vendor.api.get("/sessions/", {"from": wrong})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["from"]


def test_a_member_who_is_not_assigned_is_no_empty_list(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    assert listed(vendor, member_id=vendor.member().person_id) == []
    theirs = other_vendor.member().person_id
    log(other_vendor, theirs)
    assert vendor.api.get("/sessions/", {"member_id": theirs}).status_code == 404


def test_another_vendors_session_is_not_there(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    theirs = log(other_vendor, other_vendor.member().person_id)
    assert listed(vendor) == []
    assert vendor.api.get(f"/sessions/{theirs}/").status_code == 404
    assert vendor.api.get(f"/sessions/{uuid.uuid4()}/").status_code == 404


def test_a_session_names_its_notes_newest_first(vendor: VendorWorld) -> None:
    session_id = log(vendor, vendor.member().person_id)
    notes = [
        vendor.api.post("/notes/", {"session_id": session_id, "note_type": kind, "content": {"body": "x"}}).json()
        for kind in ("progress", "free_text")
    ]
    references = [{field: note[field] for field in ("id", "note_type", "status")} for note in reversed(notes)]
    assert vendor.api.get(f"/sessions/{session_id}/").json()["notes"] == references
    assert vendor.api.get("/sessions/").json()["results"][0]["notes"] == references


def test_statements_stay_in_the_budget_however_many_rows(vendor: VendorWorld) -> None:
    member_id, api = vendor.member().person_id, vendor.api
    made = [log(vendor, member_id) for _ in range(6)]
    for path, query in (("/sessions/", {}), ("/sessions/", {"member_id": member_id}), (f"/sessions/{made[0]}/", {})):
        with CaptureQueriesContext(connection) as captured:
            assert api.get(path, query).status_code == 200
        assert len(_statements(captured)) <= 4, _statements(captured)


def test_logging_stays_in_the_budget(vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    log(vendor, member_id)
    with CaptureQueriesContext(connection) as captured:
        log(vendor, member_id, clinician_id=str(vendor.clinician.id))
    assert len(_statements(captured)) <= 8, _statements(captured)


def _statements(captured: CaptureQueriesContext) -> list[str]:
    return [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]
