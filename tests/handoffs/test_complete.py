"""POST /handoffs/{id}/complete/: no risk is orphaned."""

from datetime import datetime
from typing import Any

from apps.audit.models import Record
from apps.crisis.models import CrisisFlag
from apps.members import actions as members
from apps.tenants.context import acting_as
from tests.handoffs.steps import act, at_once, event_types, events_of, flag, offer
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
        told = Record.objects.filter(action__in=["member.unassigned", "crisis.resolved"], member_id=member_id)
        assert sorted(told.values_list("action", "reason")) == [
            ("crisis.resolved", "handoff"),
            ("member.unassigned", "handoff"),
        ]
        left = CrisisFlag.objects.get(member_id=member_id)
        assert (left.disposition, str(left.handoff_id), left.escalate_at) == ("transferred", made["id"], None)
    with acting_as(other_vendor.actor):
        told = Record.objects.filter(member_id=member_id)
        assert {"crisis.flagged", "handoff.completed"} <= set(told.values_list("action", flat=True))


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
    assert_closed(vendor, other_vendor, made)
    assert third.api.get(f"/handoffs/{made['id']}/").status_code == 404
    assert third.tenant.name not in str(vendor.api.get(f"/handoffs/{made['id']}/").json())
    assert offer(vendor, third, member_id)["status"] == "pending"


def assert_closed(sender: VendorWorld, receiver: VendorWorld, made: dict[str, Any]) -> None:
    for side in (sender, receiver):
        closed = side.api.get(f"/handoffs/{made['id']}/").json()
        assert [step["status"] for step in closed["history"]] == ["pending", "accepted", "cancelled"]
        assert closed["history"][-1]["reason"] == "The receiving vendor handed the member on."
        assert closed["history"][-1]["by"]["kind"] == "system"
        (event,) = events_of(side.api, made["member_id"], "handoff.cancelled")
        assert event["actor"] == closed["history"][-1]["by"]
    with acting_as(receiver.actor):
        (record,) = Record.objects.filter(action="handoff.cancelled", member_id=made["member_id"])
        assert [str(row) for row in record.rows] == [made["id"]]


def crossed(vendor: VendorWorld, other_vendor: VendorWorld) -> list[dict[str, Any]]:
    """Two accepted handoffs of one member that go opposite ways."""
    there = offer(vendor, other_vendor, vendor.member().person_id)
    act(other_vendor, there, "accept")
    back = offer(other_vendor, vendor, there["member_id"])
    act(vendor, back, "accept")
    return [there, back]


def test_one_that_comes_back_closes_the_one_that_went(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    there, back = crossed(vendor, other_vendor)
    assert act(vendor, back, "complete")[0] == 200
    assert_closed(vendor, other_vendor, there)
    assert vendor.api.get(f"/members/{there['member_id']}/").status_code == 200
    assert offer(vendor, other_vendor, there["member_id"])["status"] == "pending"


def test_of_two_that_cross_and_complete_at_once_one_keeps_the_member(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    there, back = crossed(vendor, other_vendor)
    statuses = at_once(lambda: act(other_vendor, there, "complete")[0], lambda: act(vendor, back, "complete")[0])
    assert sorted(statuses) == [200, 409]
    member_id = there["member_id"]
    assert sorted(side.api.get(f"/members/{member_id}/").status_code for side in (vendor, other_vendor)) == [200, 404]


def test_a_receiver_whose_assignment_ended_completes_nothing(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    made = offer(vendor, other_vendor, member_id)
    act(other_vendor, made, "accept")
    with acting_as(other_vendor.actor):
        members.end_assignment(member_id=member_id, reason="administration")
    status, answer = act(other_vendor, made, "complete")
    assert (status, "not assigned" in answer["detail"]) == (409, True)
    assert vendor.api.get(f"/members/{member_id}/").status_code == 200
