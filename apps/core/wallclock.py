"""What a clock on the wall shows and the moment that is meant: zones move their clocks, so not every time exists once."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


def moment_of(shown: datetime, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which clocks of `zone` show `shown` (naive); of two such moments the first."""
    return shown.replace(tzinfo=zone, fold=0).astimezone(UTC)


def why_not_shown(shown: datetime, zone: ZoneInfo) -> str | None:
    """Why clocks of `zone` never show `shown` (naive): they were put forward past it."""
    before = moment_of(shown, zone)
    back = before.astimezone(zone).replace(tzinfo=None)
    if back == shown:
        return None
    # `fold=0` reads a time of the gap by the offset before it, which is as much too late as the gap is long.
    gap = back - shown
    return (
        f"There is no {shown:%H:%M} on {shown:%d %b %Y} in {zone.key}: clocks go forward by {_length(gap)} that day. "
        f"Choose {shown - gap:%H:%M} or {back:%H:%M} instead."
    )


def is_shown_twice(shown: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks of `zone` are put back over `shown`, so that it names two moments."""
    first, second = (shown.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first < second


def _length(gap: timedelta) -> str:
    minutes = int(gap.total_seconds()) // 60
    if minutes % 60:
        return f"{minutes} minutes"
    return "1 hour" if minutes == 60 else f"{minutes // 60} hours"
