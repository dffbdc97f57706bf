"""POST /handoffs/{id}/accept/, decline/ and cancel/, and expiry."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from apps.core import clock
from apps.handoffs import actions, tasks
from apps.handoffs.models import Handoff, HandoffStep
from apps.tenants.context import acting_as
from tests.handoffs.steps import act, at_once, context, event_types, events_of, offer, overdue_offer, soon
from tests.people import VendorWorld


def test_the_receiver_is_assigned_the_member(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    sent = vendor.member(first_name="Ines", last_name="Moor", external_id="ours-1", pronouns="they/them")
    made = offer(vendor, other_vendor, sent.person_id, "summary")
    status, accepted = act(other_vendor, made, "accept")
    assert (status, accepted["status"]) == (200, "accepted")
    assert [step["status"] for step in accepted["history"]] == ["pending", "accepted"]
    ours, theirs = (side.api.get(f"/members/{sent.person_id}/").json() for side in (vendor, other_vendor))
    for field in ("first_name", "last_name", "email", "phone", "date_of_birth", "pronouns"):
        assert theirs[field] == ours[field]
    assert theirs["external_id"] is None
    assert other_vendor.api.get("/members/", {"search": "ines moor"}).json()["count"] == 1
    assert event_types(other_vendor.api, sent.person_id) == ["handoff.created", "member.assigned", "handoff.accepted"]
    assert event_types(vendor.api, sent.person_id)[-1] == "handoff.accepted"


def test_a_member_whom_the_receiver_has_already_stays_as_it_is(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    person_id = vendor.member(first_name="Ines").person_id
    other_vendor.member(person_id=person_id, first_name="Agnes")
    assert act(other_vendor, offer(vendor, other_vendor, person_id), "accept")[0] == 200
    assert other_vendor.api.get(f"/members/{person_id}/").json()["first_name"] == "Agnes"


@pytest.mark.parametrize(
    ("verb", "side", "reason"),
    [
        ("accept", "sender", None),
        ("decline", "sender", "no"),
        ("complete", "sender", None),
        ("cancel", "receiver", "no"),
    ],
)
def test_the_other_side_may_not(
    vendor: VendorWorld, other_vendor: VendorWorld, verb: str, side: str, reason: str | None
) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    status, answer = act(vendor if side == "sender" else other_vendor, made, verb, reason)
    assert (status, verb in answer["detail"]) == (403, True)


@pytest.mark.parametrize(("verb", "side"), [("decline", "receiver"), ("cancel", "sender")])
def test_ending_an_offer_needs_a_reason_that_both_read(
    vendor: VendorWorld, other_vendor: VendorWorld, verb: str, side: str
) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    actor = vendor if side == "sender" else other_vendor
    assert act(actor, made, verb)[0] == 422
    status, refused = act(actor, made, verb, " \n\u2003")
    assert (status, refused["errors"]) == (422, {"reason": ["Must not be blank."]})
    ended = act(actor, made, verb, "No place in May.")[1]
    assert ended["history"][-1]["reason"] == "No place in May."
    for each in (vendor, other_vendor):
        assert each.api.get(f"/handoffs/{made['id']}/").json() == ended
        assert event_types(each.api, made["member_id"])[-1] == f"handoff.{ended['status']}"
        assert "No place" not in str(each.api.get("/events/", {"limit": 100}).json())
    assert offer(vendor, other_vendor, made["member_id"])["status"] == "pending"


ENDS: list[tuple[str, str]] = [("declined", "decline"), ("cancelled", "cancel"), ("completed", "complete")]


@pytest.mark.parametrize(("state", "ending"), ENDS)
def test_an_ended_handoff_names_both_states(
    vendor: VendorWorld, other_vendor: VendorWorld, state: str, ending: str
) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    if ending == "complete":
        act(other_vendor, made, "accept")
    act(vendor if ending == "cancel" else other_vendor, made, ending, None if ending == "complete" else "no")
    for verb, wanted, side in (
        ("accept", "accepted", other_vendor),
        ("decline", "declined", other_vendor),
        ("complete", "completed", other_vendor),
        ("cancel", "cancelled", vendor),
    ):
        status, answer = act(side, made, verb, "no" if verb in {"decline", "cancel"} else None)
        assert status == 409
        assert state in answer["detail"]
        assert wanted in answer["detail"]


def test_of_accepts_and_cancels_at_once_one_wins(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)

    def accept() -> int:
        return act(other_vendor, made, "accept")[0]

    def cancel() -> int:
        return act(vendor, made, "cancel", "Changed our mind.")[0]

    assert sorted(at_once(accept, cancel, accept, cancel)) == [200, 409, 409, 409]
    assert len(vendor.api.get(f"/handoffs/{made['id']}/").json()["history"]) == 2


def later(monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> None:
    """The verbs see a clock that is ahead."""
    monkeypatch.setattr(actions, "now", lambda: clock.now() + ahead)


def test_an_unanswered_offer_expires_once(
    vendor: VendorWorld, other_vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id, expires_at=soon(hours=1))
    tasks.expire()
    assert vendor.api.get(f"/handoffs/{made['id']}/").json()["status"] == "pending"
    later(monkeypatch, timedelta(hours=2))
    for _ in range(2):
        tasks.expire()
    for side in (vendor, other_vendor):
        expired = side.api.get(f"/handoffs/{made['id']}/").json()
        assert [step["status"] for step in expired["history"]] == ["pending", "expired"]
        assert expired["history"][-1]["by"]["kind"] == "system"
        assert event_types(side.api, made["member_id"]).count("handoff.expired") == 1
    assert context(other_vendor, made)[0] == 404
    assert context(vendor, made)[0] == 200


def test_an_overdue_offer_reads_as_expired_before_the_job_comes_by(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    made = overdue_offer(vendor, other_vendor, vendor.member().person_id)

    def seen() -> list[Any]:
        answers: list[Any] = []
        for side in (vendor, other_vendor):
            answers.append(side.api.get(f"/handoffs/{made['id']}/").json())
            answers += side.api.get("/handoffs/", {"status": "expired"}).json()["results"]
            assert side.api.get("/handoffs/", {"status": "pending"}).json()["count"] == 0
        return answers

    before = seen()
    assert len(before) == 4
    for each in before:
        assert [step["status"] for step in each["history"]] == ["pending", each["status"]] == ["pending", "expired"]
    tasks.expire()
    assert seen() == before


def test_an_overdue_offer_gives_way_to_a_new_one(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    made = overdue_offer(vendor, other_vendor, member_id)
    assert offer(vendor, other_vendor, member_id)["status"] == "pending"
    for side in (vendor, other_vendor):
        left = side.api.get(f"/handoffs/{made['id']}/").json()
        assert (left["status"], left["history"][-1]["by"]["kind"]) == ("expired", "system")
        assert [each["actor"] for each in events_of(side.api, member_id, "handoff.expired")] == [
            left["history"][-1]["by"]
        ]
    tasks.expire()
    assert event_types(vendor.api, member_id).count("handoff.expired") == 1


def test_an_overdue_offer_is_refused_before_the_job_comes_by(
    vendor: VendorWorld, other_vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id, expires_at=soon(hours=1))
    later(monkeypatch, timedelta(hours=2))
    status, answer = act(other_vendor, made, "accept")
    assert (status, "expired" in answer["detail"]) == (409, True)
    assert context(other_vendor, made)[0] == 404


def test_a_consent_that_ran_out_lets_nobody_accept(
    vendor: VendorWorld, other_vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    consent: dict[str, Any] = {"expires_at": soon(hours=1)}
    made = offer(vendor, other_vendor, vendor.member().person_id, consent=consent)
    later(monkeypatch, timedelta(hours=2))
    status, answer = act(other_vendor, made, "accept")
    assert (status, "consent" in answer["detail"]) == (409, True)
    assert context(other_vendor, made)[0] == 404


def test_the_database_keeps_ended_handoffs_ended_and_steps_as_they_were(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    act(vendor, made, "cancel", "No.")
    with acting_as(vendor.actor):
        for table, change in (
            ("handoffs_handoff", "status = 'pending'"),
            ("handoffs_handoff", "member_id = gen_random_uuid()"),
            ("handoffs_handoffstep", "status = 'accepted'"),
            ("handoffs_packet", "contents = '{}'"),
        ):
            with pytest.raises(Exception, match=r"cannot go|permission denied"), transaction.atomic():
                connection.cursor().execute(f"UPDATE {table} SET {change}")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            Handoff.objects.filter(id=made["id"])._raw_delete("default")
        assert HandoffStep.objects.filter(handoff_id=made["id"]).count() == 2
