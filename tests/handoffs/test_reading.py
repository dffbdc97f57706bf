"""A packet in words says all that is in it, for every part and every kind of record."""

from apps.handoffs import reading
from apps.handoffs.models import Part
from tests.handoffs.desks import Desk
from tests.handoffs.steps import EVERYTHING, assess, flag, note, offer, session
from tests.people import VendorWorld

PLAN = ("warning_signs", "coping_strategies", "social_contacts", "helpers", "professionals", "means_safety")
CARE = {
    "version": 0,
    "modality": "cbt",
    "communication_style": "warm",
    "session_frequency": "weekly",
    "focus_areas": ["sleep"],
    "topics_to_avoid": ["the accident"],
    "treatment_goals": [{"text": "Back to work", "status": "active"}],
    "safety_plan": {part: [f"one of {part}"] for part in PLAN},
    "companion_instructions": "Speak slowly.",
}


def a_whole_record(vendor: VendorWorld) -> str:
    member_id = str(vendor.member(first_name="Ines", last_name="Moor", pronouns="she/her").person_id)
    assert vendor.api.put(f"/members/{member_id}/care-context/", CARE).status_code == 200
    held = session(
        vendor, member_id, mood_before=3, topics=["night"], interventions=["diary"], homework="Keep a diary."
    )
    note(vendor, held["id"], "birp")
    note(vendor, held["id"], "psychotherapy")
    assess(vendor, member_id, [1] * 8 + [0])
    assess(vendor, member_id, [3] * 8 + [0])
    custom = {"name": "Sleep diary", "score": 4, "min_score": 0, "max_score": 10, "severity": "fair"}
    sent = {"member_id": member_id, "instrument": "custom", "custom": custom}
    assert vendor.api.post("/assessments/", sent).status_code == 201
    flag(vendor, member_id)
    return member_id


def test_every_part_is_told_in_words(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, a_whole_record(vendor))
    page = Desk(other_vendor).page(f"/portal/handoffs/{made['id']}/packet/")
    for words in (
        "Ines Moor", "she/her", "03 Feb 1990", "Back to work (active)", "the accident", "Speak slowly.",
        *(f"one of {part}" for part in PLAN), "3 of 10", "6 of 10", "night", "diary", "Keep a diary.", "birp behavior",
        "psychotherapy body", "8 of 27, mild", "24 of 27, severe", "+16 (reliable)", "8, 24", "Sleep diary",
        "4 of 10, fair", "High: self harm", "Said so.", "Suggested",
    ):  # fmt: skip
        assert words in page, words
    assert "Nothing: the consent covers every part of the record." in page


def test_a_brief_says_where_a_figure_is_withheld(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, a_whole_record(vendor), "summary")
    page = Desk(other_vendor).page(f"/portal/handoffs/{made['id']}/packet/")
    assert page.count(reading.WITHHELD) == 3
    assert "Sleep diary" not in page


def test_an_empty_part_is_told_as_covered_and_empty(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    page = Desk(other_vendor).page(f"/portal/handoffs/{made['id']}/packet/")
    assert page.count("Covered by the consent; there is nothing to pass on.") == 5
    assert "No care context was written" in page


def test_every_part_has_a_name_and_a_chapter() -> None:
    told = {key for key, _, _ in reading.CHAPTERS}
    assert set(reading.NAMES) == set(EVERYTHING)
    assert {"brief" if part == Part.SUMMARY else str(part) for part in Part} <= told
