"""Which measure falls due when, and whether care has helped by week eight. Pure.

Measurement-based care repeats a symptom measure often enough to change course by it: at every visit, or at least every two
to four weeks (Fortney et al., Psychiatr Serv 2017;68:179-188; Lewis et al., JAMA Psychiatry 2019;76:324-335). Here PHQ-9 and
GAD-7 are followed. Each that was given in this course of care is due again `AGAIN_ABOVE` (14 days) after a sheet at or
above its threshold of clinical caseness, `AGAIN_BELOW` (28 days) after one below. Where neither was given, a first one,
the PHQ-9, is due from the start of care. Other measures are given as the clinician sees fit and never fall due.

A course of care is one assignment; a sheet up to `BASELINE_BEFORE` (28 days) older than its start still counts.

**Improvement** is asked of whoever began at or above a threshold, from `IMPROVED_BY` (week 8) on: collaborative care changes
the treatment of those who did not improve within 8 to 12 weeks (Unützer & Park, Prim Care 2012;39:415-431). Someone has
improved when, from first sheet to last, one measure fell by its reliable change and none rose by as much: the reliable
improvement of the NHS Talking Therapies manual, whose thresholds of caseness (PHQ-9 10, GAD-7 8) these are.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from apps.assessments.instruments import INSTRUMENTS

CASENESS = {"phq9": 10, "gad7": 8}
AGAIN_ABOVE, AGAIN_BELOW = timedelta(days=14), timedelta(days=28)
IMPROVED_BY = timedelta(weeks=8)
BASELINE_BEFORE = timedelta(days=28)


class Course(msgspec.Struct, frozen=True):
    """The first and the last sheet of one followed instrument within a course of care; the same when it has one."""

    instrument: str
    first_score: float
    first_at: datetime
    last_score: float
    last_at: datetime

    @property
    def due_at(self) -> datetime:
        return self.last_at + (AGAIN_ABOVE if self.last_score >= CASENESS[self.instrument] else AGAIN_BELOW)

    @property
    def began_as_a_case(self) -> bool:
        return self.first_score >= CASENESS[self.instrument]

    @property
    def has_fallen(self) -> bool:
        """From first to last by its reliable change; higher is worse in both instruments."""
        return self.first_score - self.last_score >= reliable_points(self.instrument)

    @property
    def has_risen(self) -> bool:
        return self.last_score - self.first_score >= reliable_points(self.instrument)


class Following(msgspec.Struct, frozen=True):
    """What an assignment keeps.

    `measure_due` is empty where a first one is due, whichever. `improvement_due_at` is null where there is no
    improvement to wait for, or it has come.
    """

    measure_due: str
    measure_due_at: datetime
    improvement_due_at: datetime | None


def following(courses: Sequence[Course], *, care_began: datetime) -> Following:
    """When which measure is due, and from when on a reliable improvement is missing."""
    if not courses:
        return Following("", care_began, None)
    due = min(courses, key=lambda course: course.due_at)
    return Following(due.instrument, due.due_at, _improvement_due_at(courses))


def _improvement_due_at(courses: Sequence[Course]) -> datetime | None:
    improved = any(course.has_fallen for course in courses) and not any(course.has_risen for course in courses)
    cases = [course.first_at for course in courses if course.began_as_a_case]
    return None if improved or not cases else min(cases) + IMPROVED_BY


def reliable_points(instrument: str) -> int:
    """The change that counts as reliable. `LookupError` for an instrument without one."""
    rule = INSTRUMENTS[instrument].reliable_change
    if rule is None:
        raise LookupError(f"{instrument} has no reliable change.")
    return rule.points
