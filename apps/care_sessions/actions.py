"""Verbs of sessions: log one."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from apps.audit import recording as audit
from apps.care_sessions import policies
from apps.care_sessions.errors import SessionExists
from apps.care_sessions.models import Session
from apps.core.clock import now
from apps.core.database import Statement, refuses_with, run_later
from apps.core.errors import Invalid
from apps.core.ids import uuid7
from apps.events import recording as events
from apps.members.errors import MemberNotFound
from apps.tenants.context import current_work
from apps.vault import cipher

TABLE = "care_sessions_session"
# One statement proves the assignment, moves its figures, writes the session, and raises what `_REFUSALS` knows where
# it may not. `greatest` ignores nulls, so a session that did not take place moves no last_session_at.
LOG = """
WITH assigned AS (
    UPDATE members_assignment
    SET last_session_at = greatest(last_session_at, %s::timestamptz),
        intelligence_stale_at = coalesce(intelligence_stale_at, %s::timestamptz)
    WHERE tenant_id = %s AND person_id = %s AND ended_at IS NULL
    RETURNING tenant_id, person_id
), written AS (
INSERT INTO care_sessions_session (
    id, tenant_id, member_id, external_id, session_type, modality, status, started_at, ended_at, clinician_id,
    clinician_name, mood_before, mood_after, summary, topics, interventions, homework, next_session_at, created_at)
SELECT %s::uuid, tenant_id, person_id, %s::text, %s::text, %s::text, %s::text, %s::timestamptz, %s::timestamptz,
    %s::uuid, %s::text, %s::smallint, %s::smallint, %s::bytea, %s::text[], %s::text[], %s::bytea, %s::timestamptz,
    %s::timestamptz
FROM assigned
ON CONFLICT (tenant_id, external_id) WHERE external_id IS NOT NULL DO NOTHING
RETURNING id
)
SELECT CASE
    WHEN NOT EXISTS (SELECT FROM assigned) THEN care_sessions_refuse('TS001')
    WHEN NOT EXISTS (SELECT FROM written) THEN care_sessions_refuse('TS002')
    WHEN clinician IS NOT NULL AND NOT EXISTS (
        SELECT FROM accounts_membership WHERE tenant_id = tenant AND user_id = clinician AND ended_at IS NULL
    ) THEN care_sessions_refuse('TS003')
END FROM (VALUES (%s::uuid, %s::uuid)) asked (tenant, clinician)
"""
_REFUSALS: dict[str, Callable[[], Exception]] = {
    "TS001": MemberNotFound,
    "TS002": SessionExists,
    "TS003": lambda: Invalid.field("clinician_id", "This is not a staff member of this vendor."),
}
for sqlstate, refusal in _REFUSALS.items():
    refuses_with(sqlstate, refusal)


def log(
    *,
    member_id: uuid.UUID,
    session_type: str,
    modality: str,
    started_at: datetime,
    status: str = Session.Status.COMPLETED,
    external_id: str | None = None,
    ended_at: datetime | None = None,
    clinician_id: uuid.UUID | None = None,
    clinician_name: str | None = None,
    mood_before: int | None = None,
    mood_after: int | None = None,
    summary: str | None = None,
    topics: Sequence[str] = (),
    interventions: Sequence[str] = (),
    homework: str | None = None,
    next_session_at: datetime | None = None,
) -> Session:
    """Log a session with an assigned member. Moods are from 1 to 10; instants are aware.

    Raises `Invalid` by field: times out of order or of this era, moods out of range. The work's next statement raises
    `MemberNotFound`, `SessionExists` for a repeated external_id, `Invalid` for a clinician who is not staff here.
    """
    faults = policies.why_not_these_times(started_at=started_at, ended_at=ended_at, next_session_at=next_session_at)
    if faults := faults | policies.why_not_these_moods(mood_before=mood_before, mood_after=mood_after):
        raise Invalid("Some fields are not valid.", fields=faults)
    session = Session(
        id=uuid7(),
        tenant_id=current_work().tenant_id,
        member_id=member_id,
        external_id=external_id,
        session_type=session_type,
        modality=modality,
        status=status,
        started_at=started_at,
        ended_at=ended_at,
        clinician_id=clinician_id,
        clinician_name=clinician_name,
        mood_before=mood_before,
        mood_after=mood_after,
        summary=summary,
        topics=list(topics),
        interventions=list(interventions),
        homework=homework,
        next_session_at=next_session_at,
    )
    run_later(_logging(session, _sealed(session, "summary", summary), _sealed(session, "homework", homework)))
    tell(session)
    return session


def _logging(session: Session, summary: bytes | None, homework: bytes | None) -> Statement:
    took_place = session.status == Session.Status.COMPLETED and session.started_at <= now()
    return (
        LOG,
        (
            session.started_at if took_place else None,
            session.created_at,
            session.tenant_id,
            session.member_id,
            session.id,
            session.external_id,
            session.session_type,
            session.modality,
            session.status,
            session.started_at,
            session.ended_at,
            session.clinician_id,
            session.clinician_name,
            session.mood_before,
            session.mood_after,
            summary,
            session.topics,
            session.interventions,
            homework,
            session.next_session_at,
            session.created_at,
            session.tenant_id,
            session.clinician_id,
        ),
    )


def _sealed(session: Session, column: str, text: str | None) -> bytes | None:
    return None if text is None else cipher.seal(session.tenant_id, TABLE, column, session.id, text.encode())


def tell(session: Session, change: str = "logged") -> None:
    """Record and announce what became of a session. One that was logged before is told of again, with its `change`."""
    facts = {
        "session_id": str(session.id),
        "session_type": session.session_type,
        "modality": session.modality,
        "status": session.status,
        "duration_minutes": session.duration_minutes,
    }
    if change != "logged":
        facts["change"] = change
    details = {"status": session.status}
    audit.record(f"session.{change}", rows=[session.id], member_id=session.member_id, details=details)
    events.record("session.logged", member_id=session.member_id, data=facts)
