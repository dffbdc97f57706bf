"""The one place that asks what time it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_told: ContextVar[datetime | None] = ContextVar("throughline_told_time", default=None)


def now() -> datetime:
    return _told.get() or datetime.now(UTC)


@contextmanager
def telling_of(moment: datetime) -> Iterator[None]:
    """What verbs do inside happens at `moment`: how the demo has a past. For the demo alone."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)
