"""Verbs of planned sessions: plan one, move it, start it, and say what became of it.

Each locks the member's assignment before the session, as logging does, and has the member's figures computed anew.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db.models.functions import Coalesce, Greatest

from apps.care_sessions import policies
from apps.care_sessions.actions import log, tell
from apps.care_sessions.errors import SessionNotFound, WrongSessionState
from apps.care_sessions.models import Session
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.members.actions import require_assigned
from apps.members.models import Assignment
from apps.tenants.context import current_work


def schedule(
    *, member_id: uuid.UUID, session_type: str, modality: str, started_at: datetime, ended_at: datetime
) -> Session:
    """Plan a session of the acting person with an assigned member. `Invalid` for a time that has passed."""
    if reason := policies.why_not_ahead(started_at, now()):
        raise Invalid.field("started_at", reason)
    actor = current_work().actor
    return log(
        member_id=member_id,
        session_type=session_type,
        modality=modality,
        status=Session.Status.SCHEDULED,
        started_at=started_at,
        ended_at=ended_at,
        clinician_id=actor.id,
        clinician_name=actor.name,
    )


def reschedule(*, session_id: uuid.UUID, started_at: datetime, ended_at: datetime) -> Session:
    """Move a planned session. `SessionNotFound`; `WrongSessionState`; `Invalid` for a time that has passed."""
    session = _locked(session_id)
    _refuse(policies.why_not_reschedule(session))
    faults = policies.why_not_these_times(started_at=started_at, ended_at=ended_at, next_session_at=None)
    if not faults and (reason := policies.why_not_ahead(started_at, now())):
        faults = {"started_at": [reason]}
    if faults:
        raise Invalid("Some fields are not valid.", fields=faults)
    session.started_at, session.ended_at = started_at, ended_at
    session.save(update_fields=["started_at", "ended_at"])
    return _told(session, "rescheduled")


def start(*, session_id: uuid.UUID) -> Session:
    """A planned session begins now; when it was planned for gives way to that."""
    session = _locked(session_id)
    moment = now()
    _refuse(policies.why_not_start(session, moment))
    session.started_at, session.begun_at, session.ended_at = moment, moment, None
    session.save(update_fields=["started_at", "begun_at", "ended_at"])
    return _told(session, "started")


def complete(
    *,
    session_id: uuid.UUID,
    started_at: datetime,
    ended_at: datetime,
    mood_before: int | None = None,
    mood_after: int | None = None,
    summary: str | None = None,
    topics: Sequence[str] = (),
    interventions: Sequence[str] = (),
    homework: str | None = None,
    next_session_at: datetime | None = None,
) -> Session:
    """A planned session took place, from then to then. `SessionNotFound`; `WrongSessionState`; `Invalid` by field."""
    session = _locked(session_id)
    _refuse(policies.why_not_complete(session, now()))
    faults = policies.why_not_these_times(started_at=started_at, ended_at=ended_at, next_session_at=next_session_at)
    faults = faults or policies.why_not_over(started_at, ended_at, now())
    if faults := faults | policies.why_not_these_moods(mood_before=mood_before, mood_after=mood_after):
        raise Invalid("Some fields are not valid.", fields=faults)
    told = {
        "status": Session.Status.COMPLETED,
        "started_at": started_at,
        "ended_at": ended_at,
        "mood_before": mood_before,
        "mood_after": mood_after,
        "summary": summary,
        "topics": list(topics),
        "interventions": list(interventions),
        "homework": homework,
        "next_session_at": next_session_at,
    }
    for name, value in told.items():
        setattr(session, name, value)
    session.save(update_fields=list(told))
    return _told(session, "completed")


def cancel(*, session_id: uuid.UUID) -> Session:
    """A planned session will not take place. `SessionNotFound`; `WrongSessionState`."""
    session = _locked(session_id)
    _refuse(policies.why_not_cancel(session))
    return _ended(session, Session.Status.CANCELLED)


def no_show(*, session_id: uuid.UUID) -> Session:
    """The member did not come. `SessionNotFound`; `WrongSessionState`, also before its time."""
    session = _locked(session_id)
    _refuse(policies.why_not_no_show(session, now()))
    return _ended(session, Session.Status.NO_SHOW)


def _ended(session: Session, status: Session.Status) -> Session:
    session.status = status
    session.save(update_fields=["status"])
    return _told(session, str(status))


def _locked(session_id: uuid.UUID) -> Session:
    mine = Session.objects.filter(tenant_id=current_work().tenant_id, id=session_id)
    member_id = mine.values_list("member_id", flat=True).first()
    if member_id is None:
        raise SessionNotFound
    require_assigned(member_id, lock=True)
    return mine.defer("summary", "homework").select_for_update(no_key=True).get()


def _refuse(reason: str | None) -> None:
    if reason:
        raise WrongSessionState(reason)


def _told(session: Session, change: str) -> Session:
    current = Assignment.objects.filter(tenant_id=session.tenant_id, person_id=session.member_id, ended_at=None)
    if session.status == Session.Status.COMPLETED:
        current.update(
            last_session_at=Greatest("last_session_at", session.started_at),
            intelligence_stale_at=Coalesce("intelligence_stale_at", now()),
        )
    else:
        current.update(intelligence_stale_at=Coalesce("intelligence_stale_at", now()))
    tell(session, change)
    return session
