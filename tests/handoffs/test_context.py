"""GET /handoffs/{id}/context/: what consent lets through, as it was when the handoff was made."""

import hashlib
from typing import Any

import msgspec
import pytest

from apps.handoffs.models import Packet, PacketRead, Part
from apps.tenants.context import acting_as
from tests.handoffs.steps import EVERYTHING, act, assess, context, flag, note, offer, session
from tests.people import VendorWorld, make_vendor

POSITIVE = [2, 2, 2, 1, 1, 1, 1, 0, 1]


def a_history(vendor: VendorWorld) -> dict[str, Any]:
    """A member of whom every part of the record holds something."""
    member_id = str(vendor.member(first_name="Ines", last_name="Moor").person_id)
    met = session(vendor, member_id)
    signed = note(vendor, met["id"])
    note(vendor, met["id"], "dap", status="draft")
    private = note(vendor, met["id"], "psychotherapy")
    vendor.api.put(f"/members/{member_id}/care-context/", {"version": 0, "modality": "cbt", "focus_areas": ["sleep"]})
    assess(vendor, member_id, [1] * 8 + [0], administered_at="2026-03-01T09:00:00Z")
    second = assess(vendor, member_id, POSITIVE)
    return {"member_id": member_id, "session": met, "note": signed, "private": private, "assessment": second}


def test_everything_passes_where_everything_is_consented_to(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    known = a_history(vendor)
    made = offer(vendor, other_vendor, known["member_id"])
    status, told = context(other_vendor, made)
    assert status == 200
    assert (told["handoff_id"], told["member"]["last_name"]) == (made["id"], "Moor")
    assert told["care_context"]["modality"] == "cbt"
    assert told["notes"] == [known["note"]]
    assert told["psychotherapy_notes"] == [known["private"]]
    assert [flag["severity"] for flag in told["crisis_flags"]] == ["moderate"]
    newest = told["assessments"][0]
    assert [each["score"] for each in newest.pop("score_history")] == [8, 11]
    assert newest == known["assessment"]
    assert {each["id"] for each in told["sessions"][0].pop("notes")} == {known["note"]["id"], known["private"]["id"]}
    brief = told["brief"]
    assert sum(factor["points"] for factor in brief["risk_factors"]) >= brief["risk_score"] > 0
    assert context(vendor, made)[1]["notes"] == told["notes"]


@pytest.mark.parametrize("part", EVERYTHING)
def test_one_part_alone_passes_alone(vendor: VendorWorld, other_vendor: VendorWorld, part: str) -> None:
    known = a_history(vendor)
    made = offer(vendor, other_vendor, known["member_id"], part)
    told = context(other_vendor, made)[1]
    shown = "brief" if part == Part.SUMMARY else part
    assert set(told) == {"handoff_id", "frozen_at", "member", shown}
    if part not in {Part.PSYCHOTHERAPY_NOTES, Part.SESSIONS}:
        assert known["private"]["id"] not in str(told)


def test_the_brief_shows_nothing_of_what_is_not_in_the_consent(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    known = a_history(vendor)
    flag(vendor, known["member_id"], severity="critical")
    brief = context(other_vendor, offer(vendor, other_vendor, known["member_id"], "summary"))[1]["brief"]
    for figure in ("risk_level", "risk_score", "engagement_score", "mood_trend", "open_crisis_flags"):
        assert brief[figure] is None, figure
    assert (brief["risk_factors"], brief["latest_assessments"], brief["days_since_last_session"]) == ([], [], None)
    assert brief["summary"].startswith("This brief rests on the member's assignment alone: ")
    assert "sessions, assessments and crisis flags were not shared" in brief["summary"]
    assert "PHQ" not in brief["summary"]


def test_a_brief_says_what_it_rests_on_and_gives_no_figure_that_the_rest_decides(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    known = a_history(vendor)
    told = context(other_vendor, offer(vendor, other_vendor, known["member_id"], "summary", "sessions", "assessments"))
    brief = told[1]["brief"]
    assert (brief["risk_level"], brief["risk_score"], brief["open_crisis_flags"]) == (None, None, None)
    assert brief["engagement_score"] is not None
    assert brief["mood_trend"] == "insufficient_data"
    assert brief["summary"].startswith(
        "This brief rests on sessions and assessments alone and calls for attention, first of all for: PHQ-9: moderate; "
        "crisis flags were not shared, so it states no risk level."
    )


def test_sessions_and_assessments_point_to_nothing_outside_the_consent(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    known = a_history(vendor)
    told = context(other_vendor, offer(vendor, other_vendor, known["member_id"], "sessions", "assessments"))[1]
    assert told["sessions"][0]["notes"] == []
    assert {each["crisis_flag_id"] for each in told["assessments"]} == {None}


def test_later_changes_do_not_show(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    known = a_history(vendor)
    made = offer(vendor, other_vendor, known["member_id"])
    before = context(other_vendor, made)
    vendor.api.put(f"/members/{known['member_id']}/care-context/", {"version": 1, "modality": "dbt"})
    note(vendor, known["session"]["id"], "birp")
    flag(vendor, known["member_id"])
    assert context(other_vendor, made) == before
    assert context(vendor, made) == before


def test_an_empty_record_passes_as_empty(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    told = context(other_vendor, offer(vendor, other_vendor, vendor.member().person_id))[1]
    assert told["care_context"]["version"] == 0
    for part in ("sessions", "notes", "psychotherapy_notes", "assessments", "crisis_flags"):
        assert told[part] == []


def test_what_is_not_known_of_the_member_is_null_as_among_the_members(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    member_id = vendor.member().person_id
    made = offer(vendor, other_vendor, member_id)
    told = context(other_vendor, made)[1]["member"]
    member = vendor.api.get(f"/members/{member_id}/").json()
    assert told == {field: member[field] for field in told}
    assert told["pronouns"] is None
    act(other_vendor, made, "accept")
    assert other_vendor.api.get(f"/members/{member_id}/").json()["pronouns"] is None


@pytest.mark.parametrize(("side", "verb"), [("other", "decline"), ("own", "cancel")])
def test_an_ended_offer_shows_the_receiver_no_more(
    vendor: VendorWorld, other_vendor: VendorWorld, side: str, verb: str
) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    assert act(vendor if side == "own" else other_vendor, made, verb, "No place.")[0] == 200
    assert context(other_vendor, made)[0] == 404
    assert context(vendor, made)[0] == 200


def test_a_completed_one_stays(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    for verb in ("accept", "complete"):
        assert act(other_vendor, made, verb)[0] == 200
        assert context(other_vendor, made)[0] == context(vendor, made)[0] == 200


def test_nobody_else_sees_it(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made, stranger = offer(vendor, other_vendor, vendor.member().person_id), make_vendor()
    for path in ("", "context/"):
        assert stranger.api.get(f"/handoffs/{made['id']}/{path}").status_code == 404
    for verb in ("accept", "decline", "complete", "cancel"):
        assert act(stranger, made, verb, "x" if verb in {"decline", "cancel"} else None)[0] == 404
    assert stranger.api.get("/handoffs/").json()["count"] == 0
    with acting_as(stranger.actor):
        assert not Packet.objects.exists()
        assert not PacketRead.objects.exists()


def test_each_side_holds_its_own_copy_and_knows_what_was_left_out(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    known = a_history(vendor)
    made = offer(vendor, other_vendor, known["member_id"], "notes")
    copies = []
    for side in (vendor, other_vendor):
        with acting_as(side.actor):
            (packet,) = Packet.objects.filter(handoff_id=made["id"])
            assert packet.tenant_id == side.tenant.id
            assert hashlib.sha256(msgspec.json.encode(packet.content, order="sorted")).digest() == bytes(packet.digest)
            copies.append((packet.content, packet.contents, packet.exclusions))
    assert copies[0] == copies[1]
    exclusions = copies[0][2]
    assert {"part": "notes", "why": "unsigned", "count": 1} in exclusions
    left_out = {each["part"] for each in exclusions if each["why"] == "not_in_consent"}
    assert left_out == set(EVERYTHING) - {"notes"}


def test_each_reading_leaves_a_receipt_that_both_sides_see(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    context(other_vendor, made)
    with acting_as(vendor.actor):
        (receipt,) = PacketRead.objects.filter(handoff_id=made["id"])
        assert (receipt.tenant_id, receipt.by["kind"]) == (other_vendor.tenant.id, "key")
