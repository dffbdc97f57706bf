"""A handoff from offer to completion, seen from both sides."""

from typing import Any

from tests.people import VendorWorld


def offer(sender: VendorWorld, receiver: VendorWorld, member_id: object, *scope: str) -> Any:
    return sender.api.post(
        "/handoffs/",
        {
            "member_id": str(member_id),
            "to_vendor_id": str(receiver.tenant.id),
            "handoff_type": "transfer",
            "urgency": "routine",
            "reason": "Moving to another town.",
            "clinical_summary": "Stable on weekly sessions.",
            "consent": {"obtained": True, "obtained_at": "2026-01-01T00:00:00Z", "scope": list(scope)},
        },
    )


def flag(sender: VendorWorld, member_id: object) -> None:
    body = {"member_id": str(member_id), "category": "self_harm", "severity": "high", "description": "Said so."}
    assert sender.api.post("/crisis-flags/", body).status_code == 201


def test_no_risk_is_orphaned_when_a_handoff_completes(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member(first_name="Ines").person_id
    flag(vendor, member_id)
    made = offer(vendor, other_vendor, member_id, "summary", "crisis_flags")
    assert made.status_code == 201, made.content
    path = f"/handoffs/{made.json()['id']}"
    assert other_vendor.api.get(f"{path}/context/").json()["member"]["first_name"] == "Ines"
    assert vendor.api.post(f"{path}/accept/").status_code == 403
    assert other_vendor.api.post(f"{path}/accept/").json()["status"] == "accepted"
    done = other_vendor.api.post(f"{path}/complete/")
    assert done.json()["status"] == "completed", done.content
    assert vendor.api.get(f"/members/{member_id}/").status_code == 404
    assert other_vendor.api.get(f"/members/{member_id}/").json()["open_crisis_flags"] == 1


def test_completion_is_refused_where_consent_does_not_cover_an_open_flag(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    member_id = vendor.member().person_id
    flag(vendor, member_id)
    path = f"/handoffs/{offer(vendor, other_vendor, member_id, 'summary').json()['id']}"
    other_vendor.api.post(f"{path}/accept/")
    assert other_vendor.api.post(f"{path}/complete/").status_code == 409


def test_a_third_vendor_and_a_second_offer_are_refused(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    made = offer(vendor, other_vendor, member_id, "summary").json()
    assert offer(vendor, other_vendor, member_id, "summary").status_code == 409
    assert other_vendor.api.post(f"/handoffs/{made['id']}/decline/", {}).status_code == 422
    declined = other_vendor.api.post(f"/handoffs/{made['id']}/decline/", {"reason": "No place."})
    assert declined.json()["status"] == "declined"
    assert other_vendor.api.get(f"/handoffs/{made['id']}/context/").status_code == 404
