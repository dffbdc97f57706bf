"""POST /onboarding/, without a key."""

import secrets
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.core import clock
from apps.core.actor import system_actor
from apps.core.database import run
from apps.keys import valkey
from apps.onboarding import actions
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.handoffs.steps import at_once
from tests.people import Api, VendorWorld


def someone(address: str | None = None) -> Api:
    """A caller without a key, at an address that no other test has."""
    client = Client(raise_request_exception=False, REMOTE_ADDR=address or f"2001:db8::{secrets.token_hex(2)}")
    return Api(None, client)


def body(**changes: Any) -> dict[str, Any]:
    return {
        "organization_name": "North Practice",
        "contact_name": "Kim Alder",
        "contact_email": f"kim.{secrets.token_hex(6)}@example.org",
        "use_case": "Continuity of care.",
        "expected_members": 40,
        **changes,
    }


def test_anyone_may_ask(vendor: VendorWorld) -> None:
    whole = body(website="https://north.example", country="NO", requested_scopes=["members:read", "notes:read"])
    for sent in (body(), whole):
        answer = someone().post("/onboarding/", sent)
        assert (answer.status_code, answer.json()["status"]) == (201, "pending")
        assert set(answer.json()) == {"id", "status", "created_at"}


def test_a_pending_email_is_taken_however_it_is_spelt() -> None:
    sent = body()
    assert someone().post("/onboarding/", sent).status_code == 201
    again = body(contact_email=sent["contact_email"].upper())
    assert someone().post("/onboarding/", again).status_code == 409


def test_of_four_with_one_email_at_once_one_is_taken() -> None:
    sent, callers = body(), [someone() for _ in range(4)]
    statuses = at_once(*[lambda api=api: api.post("/onboarding/", sent).status_code for api in callers])
    assert sorted(statuses) == [201, 409, 409, 409]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"expected_members": 0}, "expected_members"),
        ({"expected_members": 2**31}, "expected_members"),
        ({"contact_email": "kim"}, "contact_email"),
        ({"contact_email": "kim@-"}, "contact_email"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"website": "https://[x"}, "website"),
        ({"requested_scopes": ["everything"]}, "requested_scopes.0"),
        ({"organization_name": ""}, "organization_name"),
        ({"use_case": ""}, "use_case"),
        ({"status": "approved"}, "status"),
    ],
)
def test_a_fault_is_named(changes: dict[str, Any], field: str) -> None:
    answer = someone().post("/onboarding/", body(**changes))
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_five_an_hour_are_accepted_from_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    api = someone()
    for _ in range(5):
        assert api.post("/onboarding/", body(expected_members=0)).status_code == 422
        assert api.post("/onboarding/", body()).status_code == 201
    refused = api.post("/onboarding/", body())
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 3600
    assert api.post("/onboarding/", body(), X_Forwarded_For="198.51.100.7").status_code == 429
    assert someone().post("/onboarding/", body()).status_code == 201
    monkeypatch.setattr(actions, "now", lambda: clock.now() + timedelta(hours=1, seconds=1))
    assert api.post("/onboarding/", body()).status_code == 201


def test_of_eight_at_once_from_an_address_five_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(valkey, "is_away", lambda: True)
    api = someone()
    statuses = at_once(*[lambda: api.post("/onboarding/", body()).status_code] * 8)
    assert sorted(statuses) == [201] * 5 + [429] * 3


def test_a_repeated_request_replays_under_its_key() -> None:
    api, sent = someone(), body()
    first, again = (api.post("/onboarding/", sent, idempotency_key="once") for _ in range(2))
    assert (again.status_code, again.json(), again.headers["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert api.post("/onboarding/", body(), idempotency_key="once").status_code == 409


def test_what_it_says_of_people_stands_sealed_and_the_address_nowhere(vendor: VendorWorld) -> None:
    address = f"2001:db8::{secrets.token_hex(2)}"
    made = someone(address).post("/onboarding/", body()).json()
    statement = ("SELECT to_jsonb(r)::text FROM onboarding_onboardingrequest r WHERE id = %s", (made["id"],))
    with acting_as(system_actor(PLATFORM_ID)):
        ((row,),) = run([statement])[0]
    assert made["id"] in row
    assert not any(word in row for word in ("Kim", "kim.", "Continuity", address))
    with acting_as(vendor.actor):
        assert run([statement])[0] == []


def test_statements_stay_in_the_budget() -> None:
    api = someone()
    api.post("/onboarding/", body())
    with CaptureQueriesContext(connection) as captured:
        assert api.post("/onboarding/", body(), idempotency_key="budget").status_code == 201
    statements = [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]
    assert len(statements) <= 8, statements
