"""What the rules look at, for any number of members in one statement."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from apps.assessments.following import BASELINE_BEFORE, CASENESS, Course
from apps.core.database import Statement, run
from apps.tenants.context import current_work

# Nothing older than this weighs in: three months hold a course of weekly care.
WINDOW = timedelta(days=90)

FACTS = """
SELECT a.person_id, a.risk_level, a.assigned_at, a.last_session_at,
    (SELECT coalesce(jsonb_agg(f ORDER BY f.created_at DESC, f.id), '[]') FROM (
        SELECT id, severity, category, status, created_at, respond_by, resolved_at, disposition
        FROM crisis_crisisflag
        WHERE tenant_id = a.tenant_id AND member_id = a.person_id AND (resolved_at IS NULL OR resolved_at >= %s)
    ) f)::text AS flags,
    (SELECT coalesce(jsonb_agg(s ORDER BY s.administered_at DESC, s.id), '[]') FROM (
        SELECT DISTINCT ON (instrument, name) id, instrument, name, score, max_score, severity, change,
            reliable_change, administered_at
        FROM assessments_assessment
        WHERE tenant_id = a.tenant_id AND member_id = a.person_id
        ORDER BY instrument, name, administered_at DESC, id DESC
    ) s)::text AS scores,
    (SELECT coalesce(jsonb_agg(p ORDER BY p.administered_at DESC, p.id DESC), '[]') FROM (
        SELECT id, instrument, administered_at
        FROM assessments_assessment
        WHERE tenant_id = a.tenant_id AND member_id = a.person_id AND crisis_flag_id IS NOT NULL
            AND administered_at >= %s
    ) p)::text AS positives,
    (SELECT coalesce(jsonb_agg(m ORDER BY m.started_at, m.id), '[]') FROM (
        SELECT id, status, started_at, mood_after
        FROM care_sessions_session
        WHERE tenant_id = a.tenant_id AND member_id = a.person_id AND started_at >= %s AND started_at <= %s
    ) m)::text AS sessions,
    (SELECT coalesce(jsonb_agg(c ORDER BY c.instrument), '[]') FROM (
        SELECT instrument,
            (array_agg(score ORDER BY administered_at, id))[1] AS first_score, min(administered_at) AS first_at,
            (array_agg(score ORDER BY administered_at DESC, id DESC))[1] AS last_score, max(administered_at) AS last_at
        FROM assessments_assessment
        WHERE tenant_id = a.tenant_id AND member_id = a.person_id AND instrument = ANY(%s::text[]) AND name = ''
            AND administered_at >= a.assigned_at - %s::interval
        GROUP BY instrument
    ) c)::text AS courses
FROM unnest(%s::uuid[]) AS asked(member_id)
JOIN members_assignment a ON a.tenant_id = %s AND a.person_id = asked.member_id AND a.ended_at IS NULL
"""


class FlagFact(msgspec.Struct, frozen=True):
    id: uuid.UUID
    severity: str
    category: str
    status: str
    created_at: datetime
    respond_by: datetime
    resolved_at: datetime | None
    disposition: str

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None


class ScoreFact(msgspec.Struct, frozen=True):
    """The latest assessment of one instrument."""

    id: uuid.UUID
    instrument: str
    name: str
    score: float
    max_score: float
    severity: str
    change: float | None
    reliable_change: bool | None
    administered_at: datetime


class PositiveFact(msgspec.Struct, frozen=True):
    """Any sheet of the window, the latest or not, of which a suicide item opened a crisis flag."""

    id: uuid.UUID
    instrument: str
    administered_at: datetime


class SessionFact(msgspec.Struct, frozen=True):
    id: uuid.UUID
    status: str
    started_at: datetime
    mood_after: int | None


class Facts(msgspec.Struct, frozen=True):
    """What is known of a member at `at`: sessions oldest first, everything else newest first.

    `courses` are of the followed measures within the current assignment. `withheld` names what may not be looked at
    (`sessions`, `scores`, `flags`): its absence then says nothing.
    """

    member_id: uuid.UUID
    at: datetime
    known_risk_level: str
    assigned_at: datetime
    last_session_at: datetime | None
    flags: list[FlagFact] = []
    scores: list[ScoreFact] = []
    positives: list[PositiveFact] = []
    sessions: list[SessionFact] = []
    courses: list[Course] = []
    withheld: frozenset[str] = frozenset()


_flags = msgspec.json.Decoder(list[FlagFact]).decode
_scores = msgspec.json.Decoder(list[ScoreFact]).decode
_positives = msgspec.json.Decoder(list[PositiveFact]).decode
_sessions = msgspec.json.Decoder(list[SessionFact]).decode
_courses = msgspec.json.Decoder(list[Course]).decode


def statement(member_ids: Sequence[uuid.UUID], at: datetime) -> Statement:
    since = at - WINDOW
    followed = (list(CASENESS), BASELINE_BEFORE)
    return FACTS, (since, since, since, at, *followed, list(member_ids), current_work().tenant_id)


def gather(member_ids: Sequence[uuid.UUID], at: datetime) -> list[Facts]:
    """The facts of those of the members that are assigned to the tenant of this work, in no order."""
    return [_facts(at, *row) for row in run([statement(member_ids, at)])[0]]


def from_json(row: Mapping[str, Any], at: datetime) -> Facts:
    """The facts of a row of `statement` that came as JSON, with others in one statement."""
    told = msgspec.convert(row, _Told)
    return _facts(at, *msgspec.structs.astuple(told))


class _Told(msgspec.Struct):
    """The columns of `FACTS`, in their order."""

    person_id: uuid.UUID
    risk_level: str
    assigned_at: datetime
    last_session_at: datetime | None
    flags: str
    scores: str
    positives: str
    sessions: str
    courses: str


def _facts(
    at: datetime,
    member_id: uuid.UUID,
    risk_level: str,
    assigned_at: datetime,
    last_session_at: datetime | None,
    flags: str,
    scores: str,
    positives: str,
    sessions: str,
    courses: str,
) -> Facts:
    return Facts(
        member_id=member_id,
        at=at,
        known_risk_level=risk_level,
        assigned_at=assigned_at,
        last_session_at=last_session_at,
        flags=_flags(flags),
        scores=_scores(scores),
        positives=_positives(positives),
        sessions=_sessions(sessions),
        courses=_courses(courses),
    )


def without(facts: Facts, withheld: frozenset[str]) -> Facts:
    """The same facts less what is withheld, and less what would give it away."""
    changes: dict[str, object] = {"withheld": withheld}
    if "sessions" in withheld:
        changes |= {"sessions": [], "last_session_at": None}
    if "flags" in withheld:
        changes |= {"flags": [], "positives": []}
    if "scores" in withheld:
        changes |= {"scores": [], "positives": [], "courses": []}
    return msgspec.structs.replace(facts, **changes)
