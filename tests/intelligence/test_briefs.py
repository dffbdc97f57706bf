"""Briefs through the Vendor API, and what keeps them up to date."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.clock import now
from apps.intelligence.tasks import refresh_at
from tests.people import VendorWorld


def raise_flag(vendor: VendorWorld, member_id: object, severity: str) -> None:
    body = {"member_id": str(member_id), "category": "self_harm", "severity": severity, "description": "…"}
    assert vendor.api.post("/crisis-flags/", body).status_code == 201


def log_session(vendor: VendorWorld, member_id: object, **changes: Any) -> None:
    body = {
        "member_id": str(member_id),
        "session_type": "individual",
        "modality": "video",
        "started_at": now().isoformat(),
        **changes,
    }
    assert vendor.api.post("/sessions/", body).status_code == 201


def briefs(vendor: VendorWorld, **query: object) -> list[dict[str, Any]]:
    return list(vendor.api.get("/intelligence/", query).json()["results"])


def test_a_member_of_whom_nothing_is_known_has_a_brief(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    brief = vendor.api.get(f"/members/{member_id}/intelligence/").json()
    assert (brief["member_id"], brief["risk_level"], brief["risk_score"]) == (str(member_id), "low", 0)
    assert (brief["mood_trend"], brief["mood_average_7d"]) == ("insufficient_data", None)
    assert (brief["risk_factors"], brief["latest_assessments"]) == ([], [])
    refresh_at(vendor.tenant.id)
    assert [each["member_id"] for each in briefs(vendor)] == [str(member_id)]


def test_the_list_puts_the_highest_risk_first_and_filters(vendor: VendorWorld) -> None:
    members = {severity: vendor.member().member_id for severity in ("low", "critical", "high")}
    for severity, member_id in members.items():
        raise_flag(vendor, member_id, severity)
    found = briefs(vendor)
    assert [each["risk_level"] for each in found] == ["critical", "high", "low"]
    assert all(sum(factor["points"] for factor in each["risk_factors"]) == each["risk_score"] for each in found)
    assert [each["member_id"] for each in briefs(vendor, risk_level="high")] == [str(members["high"])]
    assert briefs(vendor, mood_trend="declining") == []


def test_one_brief_is_never_behind_and_the_list_follows(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    refresh_at(vendor.tenant.id)
    log_session(vendor, member_id, mood_after=10)
    brief = vendor.api.get(f"/members/{member_id}/intelligence/").json()
    assert (brief["days_since_last_session"], brief["mood_average_7d"]) == (0, 5)
    assert refresh_at(vendor.tenant.id) == 1
    assert refresh_at(vendor.tenant.id) == 0
    assert briefs(vendor)[0]["mood_average_7d"] == 5


def test_an_assessment_shows_in_the_brief_with_its_change(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    for answers in ([1] * 8 + [0], [3] * 8 + [0]):
        body = {"member_id": str(member_id), "instrument": "phq9", "answers": answers}
        assert vendor.api.post("/assessments/", body).status_code == 201
    [brief] = briefs(vendor)
    [latest] = brief["latest_assessments"]
    assert (latest["score"], latest["severity"], latest["change"], latest["reliable_change"]) == (
        24,
        "severe",
        16,
        True,
    )
    assert {factor["code"] for factor in brief["risk_factors"]} == {"phq9_severe", "reliable_deterioration"}


def test_a_positive_suicide_item_weighs_in_after_a_later_sheet_without_one(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    for days, last in ((100, 3), (30, 1), (1, 0)):
        at = (now() - timedelta(days=days)).isoformat()
        body = {"member_id": str(member_id), "instrument": "phq9", "answers": [0] * 8 + [last], "administered_at": at}
        assert vendor.api.post("/assessments/", body).status_code == 201
    [brief] = briefs(vendor)
    [factor] = [each for each in brief["risk_factors"] if each["code"] == "suicide_item_positive"]
    assert f"{now() - timedelta(days=30):%Y-%m-%d}" in factor["evidence"]
    assert "Review the safety plan with the member." in brief["suggested_actions"]


def test_other_vendors_members_are_not_there(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    foreign = other_vendor.member().member_id
    raise_flag(other_vendor, foreign, "high")
    assert vendor.api.get(f"/members/{foreign}/intelligence/").status_code == 404
    assert briefs(vendor) == []


def test_what_is_wrong_in_the_query_is_named(vendor: VendorWorld) -> None:
    answer = vendor.api.get("/intelligence/", {"risk_level": "none", "limit": 0})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"risk_level", "limit"}


def statements(vendor: VendorWorld, path: str, body: object = None) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = vendor.api.get(path) if body is None else vendor.api.post(path, body)
    assert answer.status_code in (200, 201)
    counted = [query["sql"] for query in captured if not query["sql"].startswith(("BEGIN", "COMMIT"))]
    return len(counted)


def test_reads_and_writes_keep_their_budgets(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    flag = {"member_id": str(member_id), "category": "self_harm", "severity": "low", "description": "…"}
    sheet = {"member_id": str(member_id), "instrument": "phq9", "answers": [0] * 8 + [1]}
    for path, body in (("/crisis-flags/", flag), ("/assessments/", sheet)):
        statements(vendor, path, body)
        assert statements(vendor, path, body) <= 8
    for path in ("/intelligence/", f"/members/{member_id}/intelligence/", "/crisis-flags/", "/assessments/"):
        assert statements(vendor, path) <= 4


def test_every_brief_can_be_computed_anew(vendor: VendorWorld) -> None:
    members = sorted(str(vendor.member().member_id) for _ in range(3))
    out = io.StringIO()
    call_command("recompute_intelligence", tenant=vendor.tenant.slug, stdout=out)
    assert out.getvalue().startswith("3 briefs")
    assert sorted(each["member_id"] for each in briefs(vendor)) == members
    out = io.StringIO()
    call_command("recompute_intelligence", tenant=vendor.tenant.slug, after=members[0], stdout=out)
    assert out.getvalue().startswith("2 briefs")
    with pytest.raises(CommandError, match="slug"):
        call_command("recompute_intelligence", tenant="nobody-has-this")
