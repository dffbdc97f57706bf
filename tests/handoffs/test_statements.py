"""What each endpoint of handoffs costs, statement by statement."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from tests.counting import statements
from tests.handoffs.steps import EVERYTHING, act, body, flag, offer, overdue_offer, with_a_record
from tests.people import VendorWorld

# What a statement does, by what stands in it; the first that fits.
KINDS = {
    "json_agg(found.*)": "read the packet",
    "keys_enter(": "enter",
    "handoffs_offer(": "write the offer",
    "handoffs_hold(": "lock and look",
    "handoffs_complete(": "hand over",
    "handoffs_move(": "move",
    "FOR UPDATE": "lock",
    "a.risk_level, a.assigned_at": "read the facts",
    "intelligence_brief": "keep the brief",
    "audit_append_to_each": "record",
    "INSERT INTO audit_record": "record",
    "events_append": "tell",
    "has_overdue": "look around",
}


@pytest.mark.parametrize("path", ["", "?direction=incoming&status=pending", "{id}/", "{id}/context/"])
def test_readings_stay_in_the_budget(vendor: VendorWorld, other_vendor: VendorWorld, path: str) -> None:
    made = [offer(vendor, other_vendor, vendor.member().person_id) for _ in range(3)][-1]
    api, path = other_vendor.api, "/handoffs/" + path.format(id=made["id"])
    api.get(path)
    found = statements(lambda: api.get(path).status_code, 200)
    assert len(found) <= 4, found


def test_a_list_of_one_member_stays_in_the_budget(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    offer(vendor, other_vendor, member_id)
    api = vendor.api
    found = statements(lambda: api.get("/handoffs/", {"member_id": member_id}).status_code, 200)
    assert len(found) <= 4, found


@pytest.mark.parametrize("verb", ["decline", "cancel"])
def test_a_refusal_and_a_withdrawal_stay_in_the_budget(
    vendor: VendorWorld, other_vendor: VendorWorld, verb: str
) -> None:
    api = (other_vendor if verb == "decline" else vendor).api
    made = offer(vendor, other_vendor, vendor.member().person_id)
    api.get(f"/handoffs/{made['id']}/")
    path = f"/handoffs/{made['id']}/{verb}/"
    found = statements(lambda: api.post(path, {"reason": "No."}).status_code, 200)
    assert len(found) <= 8, found


def test_an_acceptance_stays_in_the_budget(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    """Of either of two vendors, whichever has the lower id."""
    for sender, receiver in ((vendor, other_vendor), (other_vendor, vendor)):
        made = [offer(sender, receiver, sender.member().person_id) for _ in range(2)]
        paths = [f"/handoffs/{each['id']}/accept/" for each in made]
        assert receiver.api.post(paths[0]).status_code == 200
        found = statements(partial(status_of_post, receiver, paths[1]), 200)
        assert len(found) <= 8, found


def status_of_post(vendor: VendorWorld, path: str) -> int:
    return vendor.api.post(path).status_code


def kinds(found: Sequence[str]) -> list[str]:
    return [next((kind for part, kind in KINDS.items() if part in sql), sql) for sql in found]


def post(sender: VendorWorld, sent: dict[str, Any]) -> int:
    return sender.api.post("/handoffs/", sent).status_code


@pytest.mark.parametrize("scope", [*((part,) for part in EVERYTHING), EVERYTHING, ("notes", "sessions", "summary")])
def test_an_offer_costs_six_statements_whatever_the_consent_covers(
    vendor: VendorWorld, other_vendor: VendorWorld, scope: Sequence[str]
) -> None:
    sides = ((vendor, other_vendor), (other_vendor, vendor))
    for sender, receiver in sides:
        sent = [body(receiver, with_a_record(sender), scope) for _ in range(2)]
        assert post(sender, sent[0]) == 201
        found = statements(partial(post, sender, sent[1]), 201)
        assert kinds(found) == ["enter", "look around", "read the packet", "write the offer", "record", "tell"]


def test_an_offer_of_nothing_but_the_member_reads_nothing_more(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    sent = [body(other_vendor, vendor.member().person_id, ()) for _ in range(2)]
    assert post(vendor, sent[0]) == 201
    found = statements(partial(post, vendor, sent[1]), 201)
    assert kinds(found) == ["enter", "look around", "write the offer", "record", "tell"]


def test_an_offer_that_an_overdue_one_gives_way_to_costs_two_more(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    sent = []
    for _ in range(2):
        member_id = with_a_record(vendor)
        overdue_offer(vendor, other_vendor, member_id)
        sent.append(body(other_vendor, member_id))
    assert post(vendor, sent[0]) == 201
    found = statements(partial(post, vendor, sent[1]), 201)
    assert kinds(found) == [
        "enter", "look around", "lock", "move", "read the packet", "write the offer", "record", "tell",
    ]  # fmt: skip


def accepted(sender: VendorWorld, receiver: VendorWorld, member_id: object, **changes: Any) -> str:
    """The path that completes it."""
    made = offer(sender, receiver, member_id, **changes)
    assert act(receiver, made, "accept")[0] == 200
    return f"/handoffs/{made['id']}/complete/"


@pytest.mark.parametrize("flags", [1, 4])
def test_a_completion_costs_eight_statements_however_many_flags_move(
    vendor: VendorWorld, other_vendor: VendorWorld, flags: int
) -> None:
    """And closes, in the same, what the sender had accepted before."""
    for sender, receiver in ((vendor, other_vendor), (other_vendor, vendor)):
        paths = []
        for _ in range(2):
            member_id = with_a_record(receiver)
            accepted(receiver, sender, member_id)
            for _ in range(flags):
                flag(sender, member_id)
            paths.append(accepted(sender, receiver, member_id))
        assert receiver.api.post(paths[0]).status_code == 200
        found = statements(partial(status_of_post, receiver, paths[1]), 200)
        assert kinds(found) == [
            "enter", "lock and look", "lock", "hand over", "read the facts", "keep the brief", "record", "tell",
        ]  # fmt: skip


@pytest.mark.parametrize(("shared_care", "written"), [(True, "move"), (False, "hand over")])
def test_a_completion_that_moves_no_flag_costs_six(
    vendor: VendorWorld, other_vendor: VendorWorld, shared_care: bool, written: str
) -> None:
    paths = [accepted(vendor, other_vendor, vendor.member().person_id, shared_care=shared_care) for _ in range(2)]
    assert other_vendor.api.post(paths[0]).status_code == 200
    found = statements(partial(status_of_post, other_vendor, paths[1]), 200)
    assert kinds(found) == ["enter", "lock and look", "lock", written, "record", "tell"]
