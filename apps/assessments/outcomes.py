"""How members fare by their scores, and how long a positive item 9 waits for an answer: figures of a whole tenant.

**Reliable change** (Jacobson NS, Truax P. J Consult Clin Psychol 1991;59:12-19): a difference beyond what the instrument's
own error explains, by the points and source that its definition gives. Of each member who has a score in the period, the
last one in it is compared with the first that the tenant ever recorded; who has only one is counted apart.

**Time to review**: from the recording of a PHQ-9 whose item 9 was positive until somebody took its flag on, or resolved it
at once. A flag that went to another organisation unanswered was not reviewed here.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.assessments.instruments import INSTRUMENTS, Instrument, ReliableChange
from apps.core.database import Statement
from apps.core.waits import summed_up
from apps.crisis.models import Disposition

REVIEWED_INSTRUMENT = "phq9"
REVIEW_STEPS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=24))

CHANGES = """
SELECT w.instrument,
       count(*) FILTER (WHERE NOT is_single AND worse <= -w.points),
       count(*) FILTER (WHERE NOT is_single AND abs(worse) < w.points),
       count(*) FILTER (WHERE NOT is_single AND worse >= w.points),
       count(*) FILTER (WHERE is_single)
FROM unnest(%s::text[], %s::float[], %s::float[]) AS w (instrument, points, sign)
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (member_id) member_id, id, score FROM assessments_assessment
    WHERE tenant_id = %s AND instrument = w.instrument AND administered_at >= %s AND administered_at < %s
    ORDER BY member_id, administered_at DESC, id DESC
) latest
CROSS JOIN LATERAL (
    SELECT a.id = latest.id AS is_single, w.sign * (latest.score - a.score) AS worse FROM assessments_assessment a
    WHERE a.tenant_id = %s AND a.member_id = latest.member_id AND a.instrument = w.instrument AND a.name = ''
    ORDER BY a.administered_at, a.id LIMIT 1
) compared
GROUP BY w.instrument
"""
REVIEWS = f"""
SELECT {summed_up("waited", REVIEW_STEPS)}
FROM (
    SELECT extract(epoch FROM coalesce(f.acknowledged_at, CASE WHEN f.disposition <> %s THEN f.resolved_at END)
                              - a.created_at) AS waited
    FROM assessments_assessment a JOIN crisis_crisisflag f ON f.tenant_id = a.tenant_id AND f.id = a.crisis_flag_id
    WHERE a.tenant_id = %s AND a.instrument = %s AND a.created_at >= %s AND a.created_at < %s
) reviewed
"""


@dataclass(frozen=True, slots=True)
class Change:
    """Members by what became of them by one instrument; `once` are those with a single score."""

    instrument: Instrument
    reliable: ReliableChange
    improved: int
    unchanged: int
    deteriorated: int
    once: int

    @property
    def compared(self) -> int:
        return self.improved + self.unchanged + self.deteriorated


def changes(tenant_id: uuid.UUID, start: datetime, end: datetime) -> Statement:
    """The statement whose rows `read_changes` reads: members whose last score of the period lies from `start` to `end`."""
    told = [
        (each.code, float(each.reliable_change.points), 1.0 if each.direction == "higher_is_worse" else -1.0)
        for each in INSTRUMENTS.values()
        if each.reliable_change
    ]
    codes, points, signs = ([one[place] for one in told] for place in range(3))
    return CHANGES, (codes, points, signs, tenant_id, start, end, tenant_id)


def read_changes(rows: Sequence[Sequence[Any]]) -> list[Change]:
    """One for each instrument that has a reliable change, also where nobody was measured by it."""
    found = {code: counts for code, *counts in rows}
    return [
        Change(each, each.reliable_change, *found.get(each.code, (0, 0, 0, 0)))
        for each in INSTRUMENTS.values()
        if each.reliable_change
    ]


def reviews(tenant_id: uuid.UUID, start: datetime, end: datetime) -> Statement:
    """The statement whose row `Waits.read` reads: sheets recorded from `start` until before `end` that opened a flag."""
    return REVIEWS, (Disposition.TRANSFERRED, tenant_id, REVIEWED_INSTRUMENT, start, end)
