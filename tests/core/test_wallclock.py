"""What clocks show is one moment, two, or none, and people are told which."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from apps.core.wallclock import is_shown_twice, moment_of, why_not_shown

BERLIN, LORD_HOWE, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia")


def test_an_ordinary_time_is_one_moment() -> None:
    shown = datetime(2026, 7, 1, 14, 5)
    assert why_not_shown(shown, BERLIN) is None
    assert not is_shown_twice(shown, BERLIN)
    assert moment_of(shown, BERLIN) == datetime(2026, 7, 1, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "zone", "said"),
    [
        (datetime(2026, 3, 29, 2, 30), BERLIN, "go forward by 1 hour that day. Choose 01:30 or 03:30"),
        (datetime(2026, 3, 29, 2, 0), BERLIN, "Choose 01:00 or 03:00"),
        (datetime(2026, 10, 4, 2, 15), LORD_HOWE, "go forward by 30 minutes that day. Choose 01:45 or 02:45"),
        (datetime(2011, 12, 30, 9, 0), APIA, "go forward by 24 hours"),
    ],
)
def test_a_time_that_clocks_skip_is_explained(shown: datetime, zone: ZoneInfo, said: str) -> None:
    fault = why_not_shown(shown, zone)
    assert fault is not None
    assert said in fault
    assert zone.key in fault


@pytest.mark.parametrize("shown", [datetime(2026, 3, 29, 1, 59), datetime(2026, 3, 29, 3, 0)])
def test_the_times_beside_the_gap_exist(shown: datetime) -> None:
    assert why_not_shown(shown, BERLIN) is None


def test_of_two_moments_that_a_clock_shows_the_first_is_meant() -> None:
    shown = datetime(2026, 10, 25, 2, 30)
    assert is_shown_twice(shown, BERLIN)
    assert why_not_shown(shown, BERLIN) is None
    assert moment_of(shown, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
