"""What makes a session believable. Pure: each answer maps a field to what is wrong with it."""

from datetime import UTC, datetime

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
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
