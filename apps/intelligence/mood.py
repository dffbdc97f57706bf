"""Mood and engagement. Pure.

Mood is what members say after sessions, from 1 to 10, brought to the contract's scale of 1 to 5 by the straight line
from 1→1 to 10→5. The trend compares the newer half of the moods of 60 days with the older half: at least 4 of them, and a
difference of at least 0.4 of 5, a tenth of the scale, count. Engagement is attendance (up to 50 points), recency
(up to 30) and measures taken (20); who has no session on record yet gets the half of attendance, neither good nor bad.
"""

from datetime import timedelta
from statistics import fmean
from typing import Literal

from apps.intelligence.facts import Facts

Trend = Literal["improving", "stable", "declining", "insufficient_data"]

TREND_WITHIN = timedelta(days=60)
TREND_NEEDS = 4
TREND_STEP = 0.4

ATTENDANCE, RECENCY, MEASURES = 50, 30, 20
MEASURED_WITHIN = timedelta(days=60)


def on_five(mood: int) -> float:
    """A mood of 1 to 10 on the scale of 1 to 5."""
    return 1 + (mood - 1) * 4 / 9


def _moods(facts: Facts, within: timedelta) -> list[float]:
    """Oldest first."""
    since = facts.at - within
    return [
        on_five(each.mood_after) for each in facts.sessions if each.mood_after is not None and each.started_at >= since
    ]


def average(facts: Facts, within: timedelta) -> float | None:
    """Mean mood of that time on 1 to 5, to two decimals; None without any."""
    moods = _moods(facts, within)
    return round(fmean(moods), 2) if moods else None


def trend(facts: Facts) -> Trend:
    moods = _moods(facts, TREND_WITHIN)
    if len(moods) < TREND_NEEDS:
        return "insufficient_data"
    half = len(moods) // 2
    step = fmean(moods[-half:]) - fmean(moods[:half])
    if abs(step) < TREND_STEP:
        return "stable"
    return "improving" if step > 0 else "declining"


def engagement(facts: Facts) -> int:
    """0 to 100."""
    return round(_attendance(facts) + _recency(facts) + _measures(facts))


def _attendance(facts: Facts) -> float:
    kept = sum(each.status == "completed" for each in facts.sessions)
    missed = sum(each.status == "no_show" for each in facts.sessions)
    return ATTENDANCE * kept / (kept + missed) if kept + missed else ATTENDANCE / 2


def _recency(facts: Facts) -> float:
    if facts.last_session_at is None:
        return 0
    days = (facts.at - facts.last_session_at).days
    steps = ((14, 1.0), (30, 0.67), (60, 0.33))
    return RECENCY * next((share for within, share in steps if days <= within), 0.0)


def _measures(facts: Facts) -> float:
    since = facts.at - MEASURED_WITHIN
    return MEASURES if any(score.administered_at >= since for score in facts.scores) else 0
