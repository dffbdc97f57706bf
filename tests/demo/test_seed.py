"""The small demo, made once for all tests of this module."""

import json
import stat
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from pytest_django import Settings

from apps.care_context.models import SafetyPlanReview
from apps.care_sessions.models import Session
from apps.core.actor import system_actor
from apps.demo.words import CRISES
from apps.notes.models import Note
from apps.tenants.context import acting_as
from tests.people import Api

STAFF = ("admin", "clinician", "supervisor")


@pytest.fixture
def demo(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Path:
    """The folder of a seeded demo: made by the first test that asks, found there by the others."""
    folder = tmp_path_factory.getbasetemp() / "demo"
    settings.DATA_DIR = folder
    settings.DEMO_RATE_LIMIT = 5_000
    call_command("seed_demo", base_url="http://127.0.0.1:8000", verbosity=0)
    return folder


def ways(folder: Path) -> Any:
    return json.loads((folder / "demo.json").read_text())


def test_the_way_in_has_the_promised_shape_and_is_private(demo: Path) -> None:
    found = ways(demo)
    assert set(found) == {"base_url", "operator", "vendors"}
    assert found["base_url"] == "http://127.0.0.1:8000"
    assert len(found["vendors"]) >= 2
    for login in (found["operator"], *(each[role] for each in found["vendors"] for role in STAFF)):
        assert set(login) == {"email", "password"}
    assert {frozenset(each) for each in found["vendors"]} == {
        frozenset({"id", "slug", "name", "live_key", "test_key", "read_only_key", *STAFF})
    }
    assert stat.S_IMODE((demo / "demo.json").stat().st_mode) == 0o600


def test_its_keys_open_forty_members_or_more_with_their_limits(demo: Path) -> None:
    for vendor in ways(demo)["vendors"]:
        live = Api(vendor["live_key"]).get("/members/")
        assert json.loads(live.content)["count"] >= 40
        assert live.headers["X-RateLimit-Limit"] == "5000"
        read_only = Api(vendor["read_only_key"]).get("/members/")
        assert read_only.status_code == 200
        assert read_only.headers["X-RateLimit-Limit"] == "100"
        assert json.loads(Api(vendor["test_key"]).get("/members/").content)["count"] >= 10


def test_a_second_run_changes_nothing(demo: Path) -> None:
    before = (demo / "demo.json").read_bytes()
    call_command("seed_demo", base_url="http://127.0.0.1:8000", verbosity=0)
    assert (demo / "demo.json").read_bytes() == before


def test_a_later_port_and_limit_are_taken_over(demo: Path, settings: Settings) -> None:
    before = ways(demo)
    settings.DEMO_RATE_LIMIT = 6_000
    call_command("seed_demo", base_url="http://127.0.0.1:9000", verbosity=0)
    assert ways(demo) == {**before, "base_url": "http://127.0.0.1:9000"}
    answer = Api(before["vendors"][0]["live_key"]).get("/members/")
    assert answer.headers["X-RateLimit-Limit"] == "6000"


def test_a_lost_file_is_made_anew_for_the_same_vendors(demo: Path) -> None:
    before = ways(demo)
    (demo / "demo.json").unlink()
    call_command("seed_demo", base_url="http://127.0.0.1:8000", verbosity=0)
    after = ways(demo)
    assert [each["id"] for each in after["vendors"]] == [each["id"] for each in before["vendors"]]
    assert Api(after["vendors"][0]["live_key"]).get("/members/").status_code == 200


def every(folder: Path, path: str, field: str, **query: object) -> set[Any]:
    """The values of a field among all that both vendors list there."""
    found: set[Any] = set()
    for vendor in ways(folder)["vendors"]:
        api, offset = Api(vendor["live_key"]), 0
        while page := json.loads(api.get(path, {**query, "limit": 100, "offset": offset}).content)["results"]:
            found |= {each[field] for each in page}
            offset += len(page)
    return found


def test_flags_and_handoffs_are_in_every_state(demo: Path) -> None:
    assert every(demo, "/crisis-flags/", "status") == {"open", "acknowledged", "resolved"}
    assert every(demo, "/crisis-flags/", "severity") == {"low", "moderate", "high", "critical"}
    states = {"pending", "accepted", "declined", "completed", "cancelled", "expired"}
    assert every(demo, "/handoffs/", "status") == states


def test_each_flag_tells_of_what_its_category_says(demo: Path) -> None:
    told = {category: every(demo, "/crisis-flags/", "description", category=category) for category in CRISES}
    assert any(told[category] & set(words) for category, words in CRISES.items())
    for category, texts in told.items():
        assert not texts & {text for other, words in CRISES.items() if other != category for text in words}


def test_notes_are_of_every_type_and_sessions_in_every_state(demo: Path) -> None:
    assert every(demo, "/notes/", "note_type") == set(Note.Type.values)
    assert every(demo, "/notes/", "status") == set(Note.Status.values)
    assert every(demo, "/sessions/", "status") == set(Session.Status.values)


def test_scores_rise_and_fall_over_most_of_a_year(demo: Path) -> None:
    assert len(every(demo, "/assessments/", "instrument")) >= 6
    changes = {each for each in every(demo, "/assessments/", "change", instrument="phq9") if each is not None}
    assert min(changes) < 0 < max(changes)
    times = sorted(every(demo, "/assessments/", "administered_at"))
    assert datetime.fromisoformat(times[-1]) - datetime.fromisoformat(times[0]) > timedelta(days=300)


def test_some_members_have_a_safety_plan(demo: Path) -> None:
    vendor = Api(ways(demo)["vendors"][0]["live_key"])
    members = json.loads(vendor.get("/members/", {"limit": 100}).content)["results"]
    plans = [json.loads(vendor.get(f"/members/{each['id']}/care-context/").content)["safety_plan"] for each in members]
    assert any(plan["warning_signs"] and plan["helpers"] for plan in plans)
    with acting_as(system_actor(UUID(ways(demo)["vendors"][0]["id"]))):
        assert SafetyPlanReview.objects.exists()
