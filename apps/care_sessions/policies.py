"""What makes a session believable, and what may be done to a planned one. Pure.

What concerns times and moods answers by field, what concerns an act in one sentence or None.
"""

from datetime import UTC, datetime, timedelta

from apps.care_sessions.models import Session

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
# Clocks differ by a little.
CLOCK_SKEW = timedelta(minutes=5)
# Whoever starts a session this long before its time means another one.
STARTED_AHEAD = timedelta(hours=12)
LOWEST_MOOD, HIGHEST_MOOD = 1, 10


def why_not_these_times(
    *, started_at: datetime, ended_at: datetime | None, next_session_at: datetime | None
) -> dict[str, list[str]]:
    faults = {
        field: [reason]
        for field, instant in (
            ("started_at", started_at),
            ("ended_at", ended_at),
            ("next_session_at", next_session_at),
        )
        if instant is not None and (reason := why_not_this_instant(instant))
    }
    if not faults and ended_at is not None and ended_at <= started_at:
        faults["ended_at"] = ["Must be after started_at."]
    return faults


def why_not_this_instant(instant: datetime) -> str | None:
    if instant.tzinfo is None:
        return "Must carry its offset from UTC, such as Z."
    if not EARLIEST <= instant < LATEST:
        return "Must lie between the years 1900 and 2199."
    return None


def why_not_these_moods(**moods: int | None) -> dict[str, list[str]]:
    return {
        field: [f"Must be from {LOWEST_MOOD} to {HIGHEST_MOOD}."]
        for field, mood in moods.items()
        if mood is not None and not LOWEST_MOOD <= mood <= HIGHEST_MOOD
    }


def why_not_ahead(started_at: datetime, moment: datetime) -> str | None:
    if started_at < moment - CLOCK_SKEW:
        return "Lies in the past. Log a session that took place instead."
    return None


def why_not_over(started_at: datetime, ended_at: datetime, moment: datetime) -> dict[str, list[str]]:
    """Why a session cannot have taken place from then to then."""
    if started_at > moment + CLOCK_SKEW:
        return {"started_at": ["Lies ahead. Plan the session instead, and complete it once it took place."]}
    if ended_at > moment + CLOCK_SKEW:
        return {"ended_at": ["The session would end in the future. Give the length that it had."]}
    return {}


def why_not_start(session: Session, moment: datetime) -> str | None:
    if refusal := _why_not_planned(session, "start"):
        return refusal
    if session.begun_at:
        return "This session has started already."
    if session.started_at > moment + STARTED_AHEAD:
        return "This session is planned for another time. Move it here first."
    return None


def why_not_complete(session: Session, moment: datetime) -> str | None:
    if refusal := _why_not_planned(session, "be completed"):
        return refusal
    if session.started_at > moment + CLOCK_SKEW:
        return "This session has not started. Start it, or move it, first."
    return None


def why_not_reschedule(session: Session) -> str | None:
    if session.begun_at and not why_not_cancel(session):
        return "This session has started and moves no more."
    return _why_not_planned(session, "be moved")


def why_not_cancel(session: Session) -> str | None:
    return _why_not_planned(session, "be cancelled")


def why_not_no_show(session: Session, moment: datetime) -> str | None:
    if refusal := _why_not_planned(session, "become a no-show"):
        return refusal
    if session.started_at > moment:
        return "Its time has not come: nobody can have missed it yet."
    return None


def _why_not_planned(session: Session, act: str) -> str | None:
    if session.status == Session.Status.SCHEDULED:
        return None
    state = {"no_show": "a no-show"}.get(session.status, session.status)
    return f"This session is {state}; only a planned one can {act}."
