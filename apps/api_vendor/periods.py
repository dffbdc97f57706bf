"""`from` and `to` of lists: instants or dates, both inclusive. A date is the whole of that day in UTC."""

from datetime import UTC, date, datetime, time
from typing import Annotated

import msgspec
from msgspec import Meta

from apps.core.errors import Invalid
from apps.doors.wire import EARLIEST, LATEST, YEARS, Instant

Moment = Annotated[
    str, Meta(extra_json_schema={"anyOf": [{"format": "date", **YEARS}, {"format": "date-time", **YEARS}]})
]


def starting(text: str | None) -> datetime | None:
    """The instant from which on `from` asks."""
    return None if text is None else _read(text, "from", time.min)


def ending(text: str | None) -> datetime | None:
    """The last instant of which `to` asks."""
    return None if text is None else _read(text, "to", time.max)


def _read(text: str, parameter: str, time_of_a_date: time) -> datetime:
    try:
        if len(text) == len("YYYY-MM-DD"):
            found = datetime.combine(msgspec.convert(text, date), time_of_a_date, UTC)
        else:
            found = msgspec.convert(text, Instant)
    except msgspec.ValidationError:
        raise Invalid.field(
            parameter, "Give a date (YYYY-MM-DD) or an instant with its offset (…T09:30:00Z)."
        ) from None
    if not EARLIEST <= found.year <= LATEST:
        raise Invalid.field(parameter, f"The year must be from {EARLIEST} to {LATEST}.")
    return found
