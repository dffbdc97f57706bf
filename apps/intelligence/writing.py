"""The brief as a whole: figures, plain sentences and suggestions, all from the same facts. Pure."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec

from apps.intelligence.facts import Facts, ScoreFact
from apps.intelligence.mood import Trend, average, engagement, trend
from apps.intelligence.rules import (
    Factor,
    Level,
    days_since_last_session,
    factors,
    figure,
    got_worse,
    instrument_name,
    recent_scores,
    risk_level,
    risk_score,
    spoken,
)

MEASURE_AGAIN = timedelta(days=30)


class LatestScore(msgspec.Struct, frozen=True):
    id: uuid.UUID
    instrument: str
    score: float
    max_score: float
    severity: str
    change: float | None
    reliable_change: bool | None
    administered_at: datetime


class Body(msgspec.Struct, frozen=True):
    """What `Brief.body` holds as JSON. `last_session_at` instead of days, which would age."""

    risk_factors: list[Factor]
    engagement_score: int
    mood_average_7d: float | None
    mood_average_30d: float | None
    latest_assessments: list[LatestScore]
    open_crisis_flags: int
    last_session_at: datetime | None
    summary: str
    suggested_actions: list[str]


class Written(msgspec.Struct, frozen=True):
    """One member's brief."""

    member_id: uuid.UUID
    generated_at: datetime
    risk_level: Level
    risk_score: int
    mood_trend: Trend
    body: Body


def write(facts: Facts) -> Written:
    found = factors(facts)
    score = risk_score(found)
    return Written(
        member_id=facts.member_id,
        generated_at=facts.at,
        risk_level=risk_level(score),
        risk_score=score,
        mood_trend=trend(facts),
        body=Body(
            risk_factors=found,
            engagement_score=engagement(facts),
            mood_average_7d=average(facts, timedelta(days=7)),
            mood_average_30d=average(facts, timedelta(days=30)),
            latest_assessments=[_latest(each) for each in facts.scores],
            open_crisis_flags=sum(flag.is_open for flag in facts.flags),
            last_session_at=facts.last_session_at,
            summary=" ".join(_sentences(facts, found, score)),
            suggested_actions=list(_suggestions(facts)),
        ),
    )


def _latest(score: ScoreFact) -> LatestScore:
    return LatestScore(
        id=score.id,
        instrument=score.instrument,
        score=score.score,
        max_score=score.max_score,
        severity=score.severity,
        change=score.change,
        reliable_change=score.reliable_change,
        administered_at=score.administered_at,
    )


def _sentences(facts: Facts, found: list[Factor], score: int) -> Iterator[str]:
    """Two or three: the risk and why, the contact and mood, the newest measure if there is one.

    With something withheld no risk is told, for that could change it, but what the brief rests on and what it lacks.
    """
    reasons = " and ".join(factor.label for factor in found[:2])
    why = f", first of all for: {reasons}" if reasons else ""
    if facts.withheld:
        yield from _limits(facts, why)
    else:
        yield f"Risk is {risk_level(score)} ({score} of 100){why or ', with no risk factor on record'}."
    if "sessions" not in facts.withheld:
        yield f"{_contact(facts)} {_MOODS[trend(facts)]}."
    if facts.scores:
        latest = facts.scores[0]
        name = instrument_name(latest.instrument)
        told = f"The latest measure is {name} with {figure(latest.score)} of {figure(latest.max_score)}"
        graded = "" if latest.instrument == "custom" else f" ({spoken(latest.severity)})"
        changed = "" if latest.change is None else f", {latest.change:+g} since the one before"
        yield f"{told}{graded}{changed}."


# In the words of a consent.
_SOURCES = {"sessions": "sessions", "scores": "assessments", "flags": "crisis flags"}


def _limits(facts: Facts, why: str) -> Iterator[str]:
    shown = _listed([words for source, words in _SOURCES.items() if source not in facts.withheld])
    lacking = _listed([words for source, words in _SOURCES.items() if source in facts.withheld])
    if shown:
        attention = f" and calls for attention{why}" if why else ""
        yield f"This brief rests on {shown} alone{attention}; {lacking} were not shared, so it states no risk level."
    else:
        yield f"This brief rests on the member's assignment alone: {lacking} were not shared."
        yield "It states no risk, engagement or mood, which follow from those."


def _listed(words: list[str]) -> str:
    return " and ".join(", ".join(words).rsplit(", ", 1))


_MOODS: dict[Trend, str] = {
    "improving": "and mood is improving",
    "stable": "and mood is stable",
    "declining": "and mood is declining",
    "insufficient_data": "and there are too few mood entries for a trend",
}


def _contact(facts: Facts) -> str:
    days = days_since_last_session(facts)
    if days is None:
        return "There is no session on record yet"
    if days == 0:
        return "The last session was today"
    return f"The last session was {days} day{'' if days == 1 else 's'} ago"


def _suggestions(facts: Facts) -> Iterator[str]:
    unresolved = [flag for flag in facts.flags if flag.is_open]
    if any(flag.status == "open" for flag in unresolved):
        yield "Acknowledge the open crisis flag and contact the member."
    if any(flag.status == "acknowledged" for flag in unresolved):
        yield "Resolve the acknowledged crisis flag once the member is safe."
    if unresolved or facts.positives:
        yield "Review the safety plan with the member."
    if any(got_worse(score) for score in recent_scores(facts)):
        yield "Review the treatment plan: a measure got reliably worse."
    if trend(facts) == "declining":
        yield "Ask about the decline in mood at the next session."
    if any(each.status == "no_show" for each in facts.sessions[-2:]):
        yield "Reach out about the missed session."
    if "sessions" not in facts.withheld:
        days = days_since_last_session(facts)
        if days is None:
            yield "Schedule a first session."
        elif days >= 30:
            yield "Schedule a session."
    if "scores" not in facts.withheld and not any(
        score.administered_at >= facts.at - MEASURE_AGAIN for score in facts.scores
    ):
        yield "Administer a measure such as the PHQ-9 or GAD-7."
