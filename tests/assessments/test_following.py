"""When a measure falls due, and from when on a reliable improvement is missing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from apps.assessments.following import Course, following
from apps.core.clock import now
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from tests.people import VendorWorld

BEGAN = datetime(2025, 3, 1, 9, tzinfo=UTC)


def after(days: float) -> datetime:
    return BEGAN + timedelta(days=days)


def course(instrument: str, *scores: tuple[float, float]) -> Course:
    """From `(day, score)` of the first sheet and, if there is another, of the last."""
    (first_day, first), (last_day, last) = scores[0], scores[-1]
    return Course(instrument, first, after(first_day), last, after(last_day))


def test_a_first_measure_is_due_from_the_start_of_care() -> None:
    found = following([], care_began=BEGAN)
    assert (found.measure_due, found.measure_due_at, found.improvement_due_at) == ("", BEGAN, None)


@pytest.mark.parametrize(
    ("instrument", "score", "days"), [("phq9", 10, 14), ("phq9", 9, 28), ("gad7", 8, 14), ("gad7", 7, 28)]
)
def test_a_measure_is_due_again_sooner_while_it_is_in_the_clinical_range(
    instrument: str, score: int, days: int
) -> None:
    found = following([course(instrument, (0, score))], care_began=BEGAN)
    assert (found.measure_due, found.measure_due_at) == (instrument, after(days))


def test_the_measure_that_falls_due_first_is_named() -> None:
    found = following([course("gad7", (0, 3), (20, 3)), course("phq9", (0, 12), (20, 4))], care_began=BEGAN)
    assert found.measure_due_at == after(48)
    found = following([course("gad7", (0, 3), (20, 3)), course("phq9", (0, 12), (1, 12))], care_began=BEGAN)
    assert (found.measure_due, found.measure_due_at) == ("phq9", after(15))


@pytest.mark.parametrize(
    ("courses", "from_day"),
    [
        ([course("phq9", (0, 9), (60, 9))], None),
        ([course("phq9", (0, 10))], 56),
        ([course("phq9", (0, 15), (60, 10))], 56),
        ([course("phq9", (0, 15), (60, 9))], None),
        ([course("gad7", (3, 12), (60, 9)), course("phq9", (0, 6), (60, 6))], 59),
        ([course("gad7", (3, 12), (60, 8)), course("phq9", (0, 14), (60, 14))], None),
        ([course("gad7", (3, 12), (60, 8)), course("phq9", (0, 14), (60, 20))], 56),
    ],
)
def test_improvement_is_waited_for_until_one_measure_fell_and_none_rose(
    courses: list[Course], from_day: int | None
) -> None:
    expected = None if from_day is None else after(from_day)
    assert following(courses, care_began=BEGAN).improvement_due_at == expected


def administer(vendor: VendorWorld, member: Assignment, answers: list[int], days_ago: int) -> datetime:
    at = now() - timedelta(days=days_ago)
    body: Mapping[str, object] = {
        "member_id": str(member.member_id),
        "instrument": "phq9",
        "answers": answers,
        "administered_at": at.isoformat(),
    }
    assert vendor.api.post("/assessments/", body).status_code == 201
    return at


def of_vendor(vendor: VendorWorld) -> Assignment:
    with acting_as(vendor.actor):
        return Assignment.objects.visible_to(vendor.actor).get()


def is_listed(vendor: VendorWorld, moment: datetime) -> tuple[bool, bool]:
    """Whether the member is among those with a measure due, and among those without improvement."""
    with acting_as(vendor.actor):
        seen = Assignment.objects.visible_to(vendor.actor)
        return seen.with_measure_due(moment).exists(), seen.without_improvement(moment).exists()


def test_the_verb_keeps_what_is_due_on_the_assignment(vendor: VendorWorld) -> None:
    member = vendor.member(assigned_at=now() - timedelta(days=70))
    assert (member.measure_due, member.measure_due_at) == ("", member.assigned_at)
    assert is_listed(vendor, now()) == (True, False)
    first = administer(vendor, member, [2] * 8 + [0], 69)
    found = of_vendor(vendor)
    assert (found.measure_due, found.measure_due_at) == ("phq9", first + timedelta(days=14))
    assert found.improvement_due_at == first + timedelta(weeks=8)
    assert is_listed(vendor, now()) == (True, True)
    last = administer(vendor, member, [1] * 8 + [0], 1)
    found = of_vendor(vendor)
    assert (found.measure_due_at, found.improvement_due_at) == (last + timedelta(days=28), None)
    assert is_listed(vendor, now()) == (False, False)
    assert is_listed(vendor, now() + timedelta(days=28)) == (True, False)


def test_a_sheet_of_long_before_the_course_of_care_does_not_count(vendor: VendorWorld) -> None:
    member = vendor.member()
    administer(vendor, member, [2] * 8 + [0], 100)
    assert of_vendor(vendor).measure_due == ""
    administer(vendor, member, [2] * 8 + [0], 20)
    assert of_vendor(vendor).measure_due == "phq9"
