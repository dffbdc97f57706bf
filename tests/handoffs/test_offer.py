"""POST /handoffs/."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.accounts import actions as accounts
from apps.core.actor import system_actor
from apps.core.database import run
from apps.keys.models import SCOPES
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.handoffs.steps import at_once, body, event_types, offer, soon
from tests.people import VendorWorld


def test_an_offer_is_pending_and_seen_by_both(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    made = offer(vendor, other_vendor, member_id, "notes", "summary", "notes")
    assert made["status"] == "pending"
    assert made["from_vendor"] == vendor.tenant.reference()
    assert made["to_vendor"] == other_vendor.tenant.reference()
    assert made["consent"]["scope"] == ["summary", "notes"]
    assert [step["status"] for step in made["history"]] == ["pending"]
    for side in (vendor, other_vendor):
        assert side.api.get(f"/handoffs/{made['id']}/").json() == made
        assert side.api.get("/handoffs/").json()["results"] == [made]
        assert event_types(side.api, member_id)[-1] == "handoff.created"


def test_what_a_sandbox_sends_to_a_vendor_arrives_in_its_sandbox(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    sent = body(other_vendor, vendor.member(sandbox=True).person_id)
    made = vendor.api_with(SCOPES, sandbox=True).post("/handoffs/", sent)
    assert made.status_code == 201
    arrived = other_vendor.api_with(SCOPES, sandbox=True).get("/handoffs/").json()["results"]
    assert [each["id"] for each in arrived] == [made.json()["id"]]
    assert other_vendor.api.get("/handoffs/").json()["results"] == []


def test_it_lasts_seven_days_unless_said(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    lasts = datetime.fromisoformat(made["expires_at"]) - datetime.fromisoformat(made["created_at"])
    assert lasts == timedelta(days=7)
    said = offer(vendor, other_vendor, vendor.member().person_id, expires_at="2100-01-01T00:00:00Z")
    assert said["expires_at"] == "2100-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"consent": {"obtained": False}}, "consent.obtained"),
        ({"consent": {"obtained_at": "2199-01-01T00:00:00Z"}}, "consent.obtained_at"),
        ({"consent": {"expires_at": "2026-02-01T00:00:00Z"}}, "consent.expires_at"),
        ({"consent": {"scope": ["everything"]}}, "consent.scope.0"),
        ({"consent": {"by": "phone"}}, "consent.by"),
        ({"expires_at": "2026-02-01T00:00:00Z"}, "expires_at"),
        ({"to_vendor_id": str(uuid.uuid4())}, "to_vendor_id"),
        ({"to_vendor_id": str(PLATFORM_ID)}, "to_vendor_id"),
        ({"handoff_type": "gift"}, "handoff_type"),
        ({"status": "accepted"}, "status"),
        ({"reason": ""}, "reason"),
        ({"reason": "   "}, "reason"),
        ({"clinical_summary": "\t"}, "clinical_summary"),
        ({"clinical_summary": "a\x00b"}, "clinical_summary"),
    ],
)
def test_a_fault_is_named(vendor: VendorWorld, other_vendor: VendorWorld, changes: dict[str, Any], field: str) -> None:
    answer = vendor.api.post("/handoffs/", body(other_vendor, vendor.member().person_id, **changes))
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_it_goes_to_another_living_vendor_of_the_same_kind(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    with acting_as(system_actor(PLATFORM_ID)):
        accounts.suspend(tenant_id=other_vendor.tenant.id)
    for receiver in (vendor.tenant, vendor.sandbox, other_vendor.tenant, other_vendor.sandbox):
        answer = vendor.api.post("/handoffs/", body(vendor, member_id, to_vendor_id=str(receiver.id)))
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["to_vendor_id"]), receiver.slug


def test_sandboxes_hand_off_among_themselves(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member(sandbox=True).person_id
    sent = body(other_vendor, member_id, to_vendor_id=str(other_vendor.sandbox.id))
    answer = vendor.api_with(SCOPES, sandbox=True).post("/handoffs/", sent)
    assert answer.status_code == 201
    assert other_vendor.api.get("/handoffs/").json()["count"] == 0


def test_only_an_assigned_member_is_handed_off(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    for member_id in (other_vendor.member().person_id, uuid.uuid4()):
        answer = vendor.api.post("/handoffs/", body(other_vendor, member_id))
        assert answer.status_code == 404
        assert answer.json() == {"detail": "Member not found or not assigned to this vendor"}


def test_of_four_offers_at_once_one_is_made(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    api, sent = vendor.api, body(other_vendor, vendor.member().person_id)
    statuses = at_once(*[lambda: api.post("/handoffs/", sent).status_code] * 4)
    assert sorted(statuses) == [201, 409, 409, 409]
    assert api.get("/handoffs/").json()["count"] == 1


def test_a_repeated_offer_replays_under_its_key(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    sent = body(other_vendor, vendor.member().person_id, expires_at=soon(days=2))
    first, again = (vendor.api.post("/handoffs/", sent, idempotency_key="once") for _ in range(2))
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replayed"]) == (201, 201, "true")
    assert again.json() == first.json()


def test_its_words_stand_sealed(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, vendor.member(first_name="Ines").person_id)
    with acting_as(vendor.actor):
        handoff, packet = run(
            [
                ("SELECT reason, clinical_summary FROM handoffs_handoff WHERE id = %s", (made["id"],)),
                ("SELECT content FROM handoffs_packet WHERE handoff_id = %s", (made["id"],)),
            ]
        )
    for sealed in (*handoff[0], *packet[0]):
        assert not any(word in bytes(sealed) for word in (b"Moving", b"Stable", b"Ines"))
