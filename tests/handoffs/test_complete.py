"""POST /handoffs/{id}/complete/: no risk is orphaned."""

from datetime import datetime

from apps.audit.models import Record
from apps.tenants.context import acting_as
from tests.handoffs.steps import act, at_once, event_types, flag, offer
from tests.people import VendorWorld, make_vendor


def test_open_flags_move_with_their_clocks_running(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    sent = flag(vendor, member_id, severity="critical", occurred_at="2026-03-01T10:00:00Z")
    made = offer(vendor, other_vendor, member_id, "crisis_flags")
    act(other_vendor, made, "accept")
    status, done = act(other_vendor, made, "complete")
    assert (status, [step["status"] for step in done["history"]]) == (200, ["pending", "accepted", "completed"])
    (received,) = other_vendor.api.get("/crisis-flags/").json()["results"]
    for field in ("occurred_at", "respond_by", "severity", "category", "description", "source"):
        assert received[field] == sent[field]
    assert received["status"] == "open"
    assert datetime.fromisoformat(received["created_at"]) > datetime.fromisoformat(sent["created_at"])
    (left,) = vendor.api.get("/crisis-flags/").json()["results"]
    assert (left["id"], left["status"], left["resolution"]) == (sent["id"], "resolved", "transferred")
    theirs = other_vendor.api.get(f"/members/{member_id}/").json()
    assert (theirs["open_crisis_flags"], theirs["risk_level"]) == (1, "critical")


def test_the_senders_assignment_ends_and_both_hear_of_it(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    flag(vendor, member_id)
    made = offer(vendor, other_vendor, member_id)
    act(other_vendor, made, "accept")
    act(other_vendor, made, "complete")
    assert vendor.api.get(f"/members/{member_id}/").status_code == 404
    assert other_vendor.api.get(f"/members/{member_id}/").status_code == 200
    ours, theirs = (event_types(side.api, member_id) for side in (vendor, other_vendor))
    assert {"crisis.resolved", "member.unassigned", "handoff.completed"} <= set(ours)
    assert {"crisis.flagged", "handoff.completed"} <= set(theirs)
    with acting_as(vendor.actor):
        reasons = Record.objects.filter(action__in=["member.unassigned", "crisis.resolved"], member_id=member_id)
        assert set(reasons.values_list("reason", flat=True)) == {"handoff"}


def test_an_open_flag_outside_the_consent_refuses_all_of_it(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    made = offer(vendor, other_vendor, member_id, "summary")
    act(other_vendor, made, "accept")
    flag(vendor, member_id)
    status, answer = act(other_vendor, made, "complete")
    assert (status, "crisis_flags" in answer["detail"]) == (409, True)
    assert vendor.api.get(f"/members/{member_id}/").json()["open_crisis_flags"] == 1
    assert other_vendor.api.get(f"/members/{member_id}/").json()["open_crisis_flags"] == 0
    assert vendor.api.get(f"/handoffs/{made['id']}/").json()["status"] == "accepted"


def test_without_an_open_flag_the_consent_need_not_cover_flags(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id, "summary")
    act(other_vendor, made, "accept")
    assert act(other_vendor, made, "complete")[0] == 200


def test_shared_care_moves_nothing_and_refuses_nothing(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    flag(vendor, member_id)
    made = offer(vendor, other_vendor, member_id, "summary", shared_care=True)
    act(other_vendor, made, "accept")
    assert act(other_vendor, made, "complete")[0] == 200
    assert vendor.api.get(f"/members/{member_id}/").json()["open_crisis_flags"] == 1
    assert other_vendor.api.get(f"/members/{member_id}/").json()["open_crisis_flags"] == 0


def test_only_an_accepted_one_is_completed(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    status, answer = act(other_vendor, made, "complete")
    assert status == 409
    assert "pending" in answer["detail"]
    assert "completed" in answer["detail"]


def test_of_two_completions_at_once_one_wins_and_flags_move_once(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    member_id = vendor.member().person_id
    flag(vendor, member_id)
    made = offer(vendor, other_vendor, member_id)
    act(other_vendor, made, "accept")
    assert sorted(at_once(*[lambda: act(other_vendor, made, "complete")[0]] * 3)) == [200, 409, 409]
    assert other_vendor.api.get("/crisis-flags/").json()["count"] == 1


def test_a_flag_raised_while_it_completes_is_not_orphaned(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    made = offer(vendor, other_vendor, member_id)
    act(other_vendor, made, "accept")
    sent = {"member_id": str(member_id), "category": "self_harm", "severity": "high", "description": "Said so."}
    api = vendor.api
    done, raised = at_once(
        lambda: act(other_vendor, made, "complete")[0], lambda: api.post("/crisis-flags/", sent).status_code
    )
    assert done == 200
    assert raised in {201, 404}
    open_ones = [side.api.get("/crisis-flags/", {"status": "open"}).json()["count"] for side in (vendor, other_vendor)]
    assert open_ones == [0, 1 if raised == 201 else 0]


def test_whoever_handed_the_member_on_completes_nothing(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id, third = vendor.member().person_id, make_vendor()
    made = offer(vendor, other_vendor, member_id)
    act(other_vendor, made, "accept")
    onward = offer(other_vendor, third, member_id)
    for verb in ("accept", "complete"):
        assert act(third, onward, verb)[0] == 200
    assert act(other_vendor, made, "complete")[0] == 409
    assert vendor.api.get(f"/members/{member_id}/").status_code == 200
