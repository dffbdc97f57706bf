"""GET and PUT /members/{member_id}/care-context/."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import ProgrammingError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from apps.care_context.models import CareContextVersion
from apps.core.database import run
from apps.events.models import Event
from apps.tenants.context import acting_as
from tests.people import VendorWorld

PLAN_PARTS = (
    "warning_signs",
    "coping_strategies",
    "social_contacts",
    "helpers",
    "professionals",
    "means_safety",
    "reasons_for_living",
)
WHOLE: dict[str, Any] = {
    "modality": "dbt",
    "treatment_goals": [
        {"text": "Sleep through", "status": "active", "target_date": "2026-09-01"},
        {"text": "Call a friend weekly", "status": "met", "target_date": None},
    ],
    "focus_areas": ["sleep"],
    "topics_to_avoid": ["the accident"],
    "communication_style": "warm",
    "session_frequency": "fortnightly",
    "safety_plan": {part: [f"something for {part}"] for part in PLAN_PARTS},
    "companion_enabled": True,
    "companion_instructions": "Keep it short.",
}


def path_of(member_id: uuid.UUID) -> str:
    return f"/members/{member_id}/care-context/"


def test_before_it_is_set_it_is_version_0_and_empty(vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    context = vendor.api.get(path_of(member_id)).json()
    assert context.pop("safety_plan") == {part: [] for part in PLAN_PARTS}
    assert context.pop("member_id") == str(member_id)
    assert not any(context.values())
    assert context["version"] == 0


def test_what_was_put_is_read(vendor: VendorWorld) -> None:
    path = path_of(vendor.member().person_id)
    answer = vendor.api.put(path, {"version": 0, **WHOLE})
    assert answer.status_code == 200, answer.content
    context = answer.json()
    assert {field: context[field] for field in WHOLE} == WHOLE
    assert context["version"] == 1
    assert context["updated_by"]["kind"] == "key"
    assert vendor.api.get(path).json() == context


def test_what_is_left_out_becomes_empty_and_the_version_before_is_kept(vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    vendor.api.put(path_of(member_id), {"version": 0, **WHOLE})
    second = vendor.api.put(path_of(member_id), {"version": 1, "modality": "act"}).json()
    assert (second["version"], second["modality"], second["treatment_goals"]) == (2, "act", [])
    with acting_as(vendor.actor):
        kept = list(CareContextVersion.objects.visible_to(vendor.actor).of_member(member_id).newest_first())
        assert [each.version for each in kept] == [2, 1]
        assert kept[1].snapshot == WHOLE


@pytest.mark.parametrize("stale", [0, 2])
def test_a_stale_version_is_refused_naming_both(vendor: VendorWorld, stale: int) -> None:
    path = path_of(vendor.member().person_id)
    vendor.api.put(path, {"version": 0, **WHOLE})
    answer = vendor.api.put(path, {"version": stale, "modality": "cbt"})
    assert answer.status_code == 409
    assert f"version {stale}" in answer.json()["detail"]
    assert "version 1" in answer.json()["detail"]
    assert vendor.api.get(path).json()["modality"] == "dbt"


@pytest.mark.parametrize("before", [0, 1])
def test_of_eight_writers_at_once_one_wins(vendor: VendorWorld, before: int) -> None:
    path, api = path_of(vendor.member().person_id), vendor.api
    for version in range(before):
        assert api.put(path, {"version": version}).status_code == 200

    def put(_: int) -> int:
        try:
            return api.put(path, {"version": before, "modality": "cbt"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(put, range(8))) == [200] + [409] * 7
    assert api.get(path).json()["version"] == before + 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"version": None}, "version"),
        ({"version": -1}, "version"),
        ({"version": 2**40}, "version"),
        ({"member_id": "x"}, "member_id"),
        ({"updated_at": None}, "updated_at"),
        ({"modality": "astrology"}, "modality"),
        ({"treatment_goals": [{"text": "x", "status": "won"}]}, "treatment_goals.0.status"),
        ({"treatment_goals": [{"status": "met"}]}, "treatment_goals.0.text"),
        ({"safety_plan": {"warning_signs": [], "secrets": []}}, "safety_plan.secrets"),
        ({"safety_plan": {"helpers": ["a\x00"]}}, "safety_plan.helpers.0"),
        ({"companion_enabled": "yes"}, "companion_enabled"),
    ],
)
def test_a_wrong_field_is_named(vendor: VendorWorld, change: dict[str, Any], field: str) -> None:
    answer = vendor.api.put(path_of(vendor.member().person_id), {"version": 0, **change})
    assert answer.status_code == 422, answer.content
    assert list(answer.json()["errors"]) == [field]


def test_a_change_says_from_which_version_it_was_made(vendor: VendorWorld) -> None:
    answer = vendor.api.put(path_of(vendor.member().person_id), {"modality": "cbt"})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["version"])


def test_another_vendors_member_has_none_here(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    path = path_of(other_vendor.member().person_id)
    assert vendor.api.get(path).status_code == 404
    assert vendor.api.put(path, {"version": 0}).status_code == 404


def test_two_vendors_of_one_member_keep_their_own(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    other_vendor.member(person_id=member_id)
    vendor.api.put(path_of(member_id), {"version": 0, **WHOLE})
    assert other_vendor.api.get(path_of(member_id)).json()["version"] == 0


def test_the_event_tells_the_version_and_no_words(vendor: VendorWorld) -> None:
    vendor.api.put(path_of(vendor.member().person_id), {"version": 0, **WHOLE})
    with acting_as(vendor.actor):
        event = Event.objects.get(tenant_id=vendor.tenant.id, type="care_context.updated")
    assert event.data == {"version": 1}


def test_the_application_cannot_rewrite_a_kept_version(vendor: VendorWorld) -> None:
    vendor.api.put(path_of(vendor.member().person_id), {"version": 0})
    with acting_as(vendor.actor):
        for statement in (
            "UPDATE care_context_carecontextversion SET version = 9",
            "DELETE FROM care_context_carecontext",
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                run([(statement, ())])


def test_statements_stay_in_the_budget(vendor: VendorWorld) -> None:
    path, api = path_of(vendor.member().person_id), vendor.api
    api.get(path)
    for version in range(2):
        with CaptureQueriesContext(connection) as captured:
            assert api.put(path, {"version": version, **WHOLE}).status_code == 200
        assert len(_statements(captured)) <= 8, _statements(captured)
    with CaptureQueriesContext(connection) as captured:
        assert api.get(path).status_code == 200
    assert len(_statements(captured)) <= 4, _statements(captured)


def _statements(captured: CaptureQueriesContext) -> list[str]:
    return [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]
