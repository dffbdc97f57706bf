"""Assessments through the Vendor API: scored, compared, flagged, and refused by item."""

from typing import Any

import pytest

from apps.audit.models import Record
from apps.tenants.context import acting_as
from tests.people import VendorWorld

MILD = [1, 1, 1, 1, 1, 0, 0, 0, 0]
SEVERE = [3, 3, 3, 3, 3, 3, 3, 3, 0]


def sheet(member_id: object, answers: object = None, **changes: Any) -> dict[str, Any]:
    return {"member_id": str(member_id), "instrument": "phq9", "answers": answers, **changes}


def administered(vendor: VendorWorld, member_id: object, answers: object, **changes: Any) -> dict[str, Any]:
    answer = vendor.api.post("/assessments/", sheet(member_id, answers, **changes))
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_sheet_is_scored(vendor: VendorWorld) -> None:
    found = administered(vendor, vendor.member().member_id, MILD, administered_by="self")
    assert (found["score"], found["max_score"], found["severity"]) == (5, 27, "mild")
    assert (found["answers"], found["administered_by"], found["custom"]) == (MILD, "self", None)
    assert (found["change"], found["reliable_change"], found["crisis_flag_id"]) == (None, None, None)


def test_the_change_is_against_the_one_before_of_the_same_instrument(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    administered(vendor, member_id, MILD)
    administered(vendor, member_id, [3] * 7, instrument="gad7")
    found = administered(vendor, member_id, SEVERE)
    assert (found["change"], found["reliable_change"]) == (19, True)


def test_one_that_is_told_late_takes_its_place_in_the_series(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    administered(vendor, member_id, MILD, administered_at="2025-01-01T00:00:00Z")
    latest = administered(vendor, member_id, SEVERE, administered_at="2025-03-01T00:00:00Z")
    administered(vendor, member_id, [2] * 8 + [0], administered_at="2025-02-01T00:00:00Z")
    listed = vendor.api.get("/assessments/", {"from": "2025-02-02", "member_id": member_id}).json()["results"]
    assert [(each["id"], each["change"]) for each in listed] == [(latest["id"], 8)]


def test_the_audit_of_a_late_one_names_the_sheet_that_is_compared_again(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    following = administered(vendor, member_id, SEVERE, administered_at="2025-03-01T00:00:00Z")
    late = administered(vendor, member_id, MILD, administered_at="2025-02-01T00:00:00Z")
    with acting_as(vendor.actor):
        newest = Record.objects.filter(action="assessment.completed", member_id=member_id).order_by("-id")[0]
    assert {str(row) for row in newest.rows} == {late["id"], following["id"]}


def test_a_positive_suicide_item_opens_a_flag_in_the_same_breath(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    found = administered(vendor, member_id, [0] * 8 + [2])
    [flag] = vendor.api.get("/crisis-flags/").json()["results"]
    assert flag["id"] == found["crisis_flag_id"]
    assert (flag["severity"], flag["source"], flag["category"]) == ("high", "assessment", "suicide_ideation")
    assert found["item_flags"] == [{"item": 9, "code": "suicide_ideation", "value": 2}]
    member = vendor.api.get(f"/members/{member_id}/").json()
    assert (member["open_crisis_flags"], member["risk_level"]) == (1, "high")


def test_a_refused_sheet_leaves_nothing(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    answer = vendor.api.post("/assessments/", sheet(member_id, [0, 4, 0, 0, 0, 0, 0, 0, True]))
    assert answer.status_code == 422
    assert answer.json()["errors"] == {
        "answers.1": ["Item 2 must be a whole number from 0 to 3."],
        "answers.8": ["Item 9 must be a whole number from 0 to 3."],
    }
    assert vendor.api.get("/assessments/").json()["count"] == 0
    assert vendor.api.get("/crisis-flags/").json()["count"] == 0


def test_a_custom_score_needs_its_figures_and_no_answers(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    custom = {"name": "CORE-10", "score": 14.5, "min_score": 0, "max_score": 40, "severity": "mild"}
    first = administered(vendor, member_id, [], instrument="custom", custom=custom)
    assert (first["score"], first["custom"]["name"], first["answers"]) == (14.5, "CORE-10", [])
    second = administered(vendor, member_id, None, instrument="custom", custom={**custom, "score": 10})
    assert (second["score"], second["change"], second["reliable_change"]) == (10, -4.5, None)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"instrument": "custom", "answers": []}, "custom"),
        ({"answers": [0] * 8}, "answers"),
        ({"answers": None}, "answers"),
        ({"answers": MILD, "administered_at": "2199-01-01T00:00:00Z"}, "administered_at"),
        ({"answers": MILD, "session_id": "01890000-0000-7000-8000-000000000000"}, "session_id"),
        ({"answers": MILD, "score": 3}, "score"),
        ({"answers": MILD, "instrument": "rorschach"}, "instrument"),
        (
            {
                "answers": MILD,
                "custom": {"name": "x", "score": 1, "min_score": 0, "max_score": 2, "severity": "y"},
            },
            "custom",
        ),
    ],
)
def test_what_does_not_fit_is_named(vendor: VendorWorld, changes: dict[str, Any], named: str) -> None:
    answer = vendor.api.post("/assessments/", {**sheet(vendor.member().member_id), **changes})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [named]


def test_the_session_must_be_the_members_own(vendor: VendorWorld) -> None:
    one, other = vendor.member().member_id, vendor.member().member_id
    session = {
        "member_id": str(other),
        "session_type": "individual",
        "modality": "video",
        "started_at": "2025-03-01T10:00:00Z",
    }
    session_id = vendor.api.post("/sessions/", session).json()["id"]
    assert vendor.api.post("/assessments/", sheet(one, MILD, session_id=session_id)).status_code == 422
    assert administered(vendor, other, MILD, session_id=session_id)["session_id"] == session_id


def test_another_vendors_member_is_not_found(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    foreign = other_vendor.member().member_id
    assert vendor.api.post("/assessments/", sheet(foreign, MILD)).status_code == 404
    assert vendor.api.get("/assessments/", {"member_id": foreign}).status_code == 404
    administered(other_vendor, foreign, MILD)
    assert vendor.api.get("/assessments/").json()["count"] == 0


def test_the_list_filters_by_instrument_and_time(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    administered(vendor, member_id, MILD, administered_at="2025-01-01T12:00:00Z")
    administered(vendor, member_id, [1] * 7, instrument="gad7", administered_at="2025-02-01T12:00:00Z")

    def instruments(**query: object) -> list[str]:
        return [each["instrument"] for each in vendor.api.get("/assessments/", query).json()["results"]]

    assert instruments() == ["gad7", "phq9"]
    assert instruments(instrument="phq9") == ["phq9"]
    assert instruments(**{"from": "2025-02-01"}) == ["gad7"]
    assert instruments(to="2025-01-01") == ["phq9"]
