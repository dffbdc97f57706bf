"""The small demo, made once for all tests of this module."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from tests.people import Api


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


STAFF = ("admin", "clinician", "supervisor")


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
