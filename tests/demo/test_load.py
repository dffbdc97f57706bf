"""Load data: grown by copy, read through the front door like any other."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from apps.core.actor import system_actor
from apps.core.clock import now
from apps.intelligence.models import Brief
from apps.members.models import SearchToken
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant
from tests.people import Api


@pytest.fixture
def load(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Api:
    """Two load vendors of 30 members; a client of the first."""
    folder = tmp_path_factory.getbasetemp() / "load"
    settings.DATA_DIR = folder
    call_command("seed_demo", members=60, vendors=2, verbosity=0)
    return client_of(folder)


def client_of(folder: Path) -> Api:
    return Api(json.loads((folder / "load.json").read_text())["vendors"][0]["live_key"])


def read(api: Api, path: str, **query: object) -> Any:
    answer = api.get(path, query)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def test_load_members_are_listed_found_and_opened(load: Api) -> None:
    page = read(load, "/members/")
    assert page["count"] >= 30
    someone = page["results"][0]
    found = read(load, "/members/", search=f"{someone['first_name']} {someone['last_name']}")
    assert someone["id"] in {each["id"] for each in found["results"]}
    assert read(load, "/members/", search=someone["email"])["count"] == 1
    assert read(load, f"/members/{someone['id']}/")["email"] == someone["email"]


def test_each_has_sessions_scores_and_a_brief(load: Api) -> None:
    someone = read(load, "/members/")["results"][0]["id"]
    assert read(load, "/sessions/", member_id=someone)["count"] >= 6
    scores = read(load, "/assessments/", member_id=someone)["results"]
    assert [len(each["answers"]) for each in scores] == [9, 9, 9]
    kept = {each["member_id"]: each for each in read(load, "/intelligence/", limit=100)["results"]}
    assert kept[someone]["risk_level"] == read(load, f"/members/{someone}/intelligence/")["risk_level"]


def test_their_events_are_in_order_and_new_ones_follow(load: Api) -> None:
    before = events_of(load)
    assert len(before) >= 300
    assert before == sorted(before)
    someone = read(load, "/members/")["results"][0]["id"]
    session = {
        "member_id": someone,
        "session_type": "individual",
        "modality": "video",
        "started_at": "2026-01-05T10:00:00Z",
    }
    assert load.post("/sessions/", session, idempotency_key=str(uuid.uuid4())).status_code == 201
    assert events_of(load)[:-1] == before


def test_what_the_database_made_ids_for_stands_in_the_order_of_its_making(load: Api) -> None:
    tenant = Tenant.objects.get(slug="load-1")
    with acting_as(system_actor(tenant.id)):
        ids = [*SearchToken.objects.values_list("id", flat=True)[:100], *Brief.objects.values_list("id", flat=True)]
    assert {each.version for each in ids} == {7}
    made = [datetime.fromtimestamp((each.int >> 80) / 1000, UTC) for each in ids]
    assert max(made) <= now()
    assert min(made) > tenant.created_at - timedelta(seconds=1)


def events_of(api: Api) -> list[str]:
    found: list[str] = []
    while page := read(api, "/events/", limit=100, **({"after": found[-1]} if found else {}))["results"]:
        found += [each["id"] for each in page]
    return found


def test_a_larger_number_goes_on_from_where_it_was(load: Api) -> None:
    before = read(load, "/members/")["count"]
    call_command("seed_demo", members=60, vendors=2, verbosity=0)
    assert read(load, "/members/")["count"] == before
    call_command("seed_demo", members=2 * before + 10, vendors=2, verbosity=0)
    assert read(load, "/members/")["count"] == before + 5
    ids = events_of(load)
    assert ids == sorted(ids)


def test_more_vendors_than_members_are_refused() -> None:
    with pytest.raises(CommandError, match="--vendors"):
        call_command("seed_demo", members=1, vendors=2)
