"""Crisis flags through the Vendor API: deadlines, order, filters, and what raising one does to the member."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from apps.core.database import run
from apps.tenants.context import acting_as
from tests.people import VendorWorld


def flag_body(member_id: object, **changes: Any) -> dict[str, Any]:
    return {
        "member_id": str(member_id),
        "category": "suicide_ideation",
        "severity": "high",
        "description": "Spoke of not wanting to wake up.",
        **changes,
    }


def raised(vendor: VendorWorld, member_id: object, **changes: Any) -> dict[str, Any]:
    answer = vendor.api.post("/crisis-flags/", flag_body(member_id, **changes))
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("severity", "within"),
    [
        ("critical", timedelta(minutes=15)),
        ("high", timedelta(hours=1)),
        ("moderate", timedelta(hours=24)),
        ("low", timedelta(hours=72)),
    ],
)
def test_the_answer_is_due_within_the_time_of_the_severity(
    vendor: VendorWorld, severity: str, within: timedelta
) -> None:
    flag = raised(vendor, vendor.member().member_id, severity=severity)
    assert instant(flag["respond_by"]) - instant(flag["created_at"]) == within
    assert (flag["status"], flag["escalation_level"], flag["source"]) == ("open", 0, "clinician")


def test_a_raised_flag_counts_and_lifts_the_members_risk_at_once(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    raised(vendor, member_id, severity="critical")
    member = vendor.api.get(f"/members/{member_id}/").json()
    assert (member["open_crisis_flags"], member["risk_level"]) == (1, "critical")
    types = [event["type"] for event in vendor.api.get("/events/").json()["results"]]
    assert {"crisis.flagged", "risk.changed"} <= set(types)


def test_the_list_puts_the_most_severe_first_and_filters(vendor: VendorWorld) -> None:
    one, other = vendor.member().member_id, vendor.member().member_id
    for severity in ("low", "critical", "moderate"):
        raised(vendor, one, severity=severity)
    raised(vendor, other, severity="high", category="self_harm")

    def severities(**query: object) -> list[str]:
        return [flag["severity"] for flag in vendor.api.get("/crisis-flags/", query).json()["results"]]

    assert severities() == ["critical", "high", "moderate", "low"]
    assert severities(member_id=one) == ["critical", "moderate", "low"]
    assert severities(category="self_harm") == ["high"]
    assert severities(severity="low") == ["low"]
    assert severities(status="open", limit=1, offset=1) == ["high"]
    assert severities(status="resolved") == []


def test_another_vendors_member_is_not_found(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    foreign = other_vendor.member().member_id
    assert vendor.api.post("/crisis-flags/", flag_body(foreign)).status_code == 404
    assert vendor.api.get("/crisis-flags/", {"member_id": foreign}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("severity", "extreme"),
        ("category", None),
        ("description", ""),
        ("status", "open"),
        ("occurred_at", "2199-01-01T00:00:00Z"),
    ],
)
def test_what_does_not_fit_is_named(vendor: VendorWorld, field: str, value: object) -> None:
    answer = vendor.api.post("/crisis-flags/", flag_body(vendor.member().member_id, **{field: value}))
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == [field]


def test_the_description_is_stored_sealed(vendor: VendorWorld) -> None:
    flag = raised(vendor, vendor.member().member_id)
    assert flag["description"] == "Spoke of not wanting to wake up."
    with acting_as(vendor.actor):
        [[(column,)]] = run([("SELECT description FROM crisis_crisisflag WHERE id = %s", [flag["id"]])])
    assert b"not wanting" not in column


def test_flags_raised_at_the_same_time_all_count(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id

    def raise_one(_: int) -> int:
        try:
            return vendor.api_with(["crisis:write"]).post("/crisis-flags/", flag_body(member_id)).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(raise_one, range(8))) == {201}
    assert vendor.api.get(f"/members/{member_id}/").json()["open_crisis_flags"] == 8
