"""Verbs of intelligence: read one brief, keep the briefs and the assignments' figures up to date."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import msgspec

from apps.assessments.following import Following, following
from apps.core.clock import now
from apps.core.database import Statement, run
from apps.core.ids import uuid7
from apps.events import recording as events
from apps.intelligence.facts import Facts, gather, without
from apps.intelligence.writing import Written, write
from apps.members.errors import MemberNotFound
from apps.tenants.context import Work, current_work, within

# Days pass and moods leave their windows even where nothing happens.
OLDEST = timedelta(hours=24)

# The assignment is locked by whoever asks, so that what was read is still so when this is written.
KEEP = """
WITH found AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::smallint[], %s::text[], %s::integer[], %s::text[],
            %s::text[], %s::timestamptz[], %s::timestamptz[])
        AS found(id, member_id, risk_level, risk_score, mood_trend, open_flags, body,
            measure_due, measure_due_at, improvement_due_at)
), kept AS (
    INSERT INTO intelligence_brief (id, tenant_id, member_id, generated_at, risk_level, risk_score, mood_trend, body)
    SELECT id, %s, member_id, %s, risk_level, risk_score, mood_trend, body::jsonb FROM found
    ON CONFLICT (tenant_id, member_id) DO UPDATE SET generated_at = excluded.generated_at,
        risk_level = excluded.risk_level, risk_score = excluded.risk_score, mood_trend = excluded.mood_trend,
        body = excluded.body
)
UPDATE members_assignment a
SET risk_level = found.risk_level, open_crisis_flags = found.open_flags, intelligence_stale_at = NULL,
    measure_due = found.measure_due, measure_due_at = found.measure_due_at,
    improvement_due_at = found.improvement_due_at
FROM found WHERE a.tenant_id = %s AND a.person_id = found.member_id AND a.ended_at IS NULL
"""
STALE = """
SELECT person_id FROM members_assignment
WHERE tenant_id = %s AND intelligence_stale_at IS NOT NULL AND ended_at IS NULL
ORDER BY intelligence_stale_at LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
"""
OLD = """
SELECT a.person_id FROM intelligence_brief b
JOIN members_assignment a ON a.tenant_id = b.tenant_id AND a.person_id = b.member_id AND a.ended_at IS NULL
WHERE b.tenant_id = %s AND b.generated_at < %s
ORDER BY b.generated_at LIMIT %s FOR NO KEY UPDATE OF a SKIP LOCKED
"""
NEXT = """
SELECT person_id FROM members_assignment
WHERE tenant_id = %s AND person_id > %s AND ended_at IS NULL ORDER BY person_id LIMIT %s FOR NO KEY UPDATE
"""


def brief_of(*, member_id: uuid.UUID) -> Written:
    """The brief of an assigned member as of now, `MemberNotFound` for another; nothing is written."""
    found = gather([member_id], now())
    if not found:
        raise MemberNotFound
    return write(found[0])


def brief_without(facts: Facts, *, sessions: bool, assessments: bool, crisis_flags: bool) -> Written:
    """The brief of a member from a part of the facts: a handoff's consent decides which.

    What is left out here is left out of the facts, so that no figure and no sentence shows it.
    """
    shown = {"sessions": sessions, "scores": assessments, "flags": crisis_flags}
    return write(without(facts, frozenset(name for name, seen in shown.items() if not seen)))


def recompute(member_ids: Sequence[uuid.UUID]) -> list[Statement]:
    """What keeps these members' briefs and their assignments' figures.

    The caller holds the assignments' locks and runs it before the commit. A risk level that is another than before
    is told as `risk.changed`.
    """
    at = now()
    changed: list[tuple[Written, Following]] = []
    for facts in gather(member_ids, at):
        written = write(facts)
        changed.append((written, following(facts.courses, care_began=facts.assigned_at)))
        if written.risk_level != facts.known_risk_level:
            data = {"from": facts.known_risk_level, "to": written.risk_level, "risk_score": written.risk_score}
            events.record("risk.changed", member_id=facts.member_id, data=data)
    return [_keeping(changed, at)] if changed else []


def _keeping(changed: Sequence[tuple[Written, Following]], at: datetime) -> Statement:
    tenant_id = current_work().tenant_id
    written, followed = [each for each, _ in changed], [each for _, each in changed]
    return KEEP, (
        [uuid7() for _ in written],
        [each.member_id for each in written],
        [each.risk_level for each in written],
        [each.risk_score for each in written],
        [each.mood_trend for each in written],
        [each.body.open_crisis_flags for each in written],
        [msgspec.json.encode(each.body).decode() for each in written],
        [each.measure_due for each in followed],
        [each.measure_due_at for each in followed],
        [each.improvement_due_at for each in followed],
        tenant_id,
        at,
        tenant_id,
    )


def before_commit(work: Work) -> list[Statement]:
    """Compute anew whom the verbs of this work touched, tenant by tenant; those of the actor's own go last, in one trip."""
    own: list[Statement] = []
    for tenant_id, touched in groupby(sorted(_touched(work)), key=lambda each: each[0]):
        member_ids = [member_id for _, member_id in touched]
        if tenant_id == work.tenant_id:
            own = recompute(member_ids)
        else:
            with within(tenant_id):
                run_if_any(recompute(member_ids))
    return own


def _touched(work: Work) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """As `(tenant, member)`."""
    return {each for each in work.pending["intelligence"] if isinstance(each, tuple)}


def run_if_any(statements: Sequence[Statement]) -> None:
    if statements:
        run(statements)


def refresh(*, limit: int) -> int:
    """Follow up on at most `limit` assignments that were marked stale, then on briefs older than a day.

    Members whom another work holds are left for the next time. Returns how many were done.
    """
    tenant_id = current_work().tenant_id
    stale = _ids(run([(STALE, (tenant_id, limit))])[0])
    if not stale:
        stale = _ids(run([(OLD, (tenant_id, now() - OLDEST, limit))])[0])
    if stale:
        run_if_any(recompute(stale))
    return len(stale)


def recompute_after(*, after: uuid.UUID, limit: int) -> list[uuid.UUID]:
    """Compute the next `limit` members anew, in the order of their ids, from the one after `after`. Returns them."""
    found = _ids(run([(NEXT, (current_work().tenant_id, after, limit))])[0])
    if found:
        run_if_any(recompute(found))
    return found


def _ids(rows: Iterable[tuple[uuid.UUID, ...]]) -> list[uuid.UUID]:
    return [row[0] for row in rows]
