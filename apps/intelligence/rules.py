"""The rules of risk. Pure: facts in, factors with points out.

Points are an order of attention, set by judgement, and no probability: no score of this kind predicts a suicide. They
are arranged so that one fact is enough where one fact should be: an open critical flag alone makes critical, an open
high flag alone makes high, an open moderate flag alone makes moderate. `risk_score` is the sum of all points, at most
100; levels start at 25 (moderate), 50 (high) and 75 (critical).

Where the factors come from:

* Open crisis flags: the contract's severities. A flag past its `respond_by` without an answer weighs more.
* Recent crisis (resolved within 30 days): risk stays raised after a crisis, most in the first weeks (Chung et al.,
  JAMA Psychiatry 2017;74:694-702, on discharge).
* Severity of the latest scores: each instrument's published bands, see `assessments/definitions`; above all PHQ-9
  (Kroenke et al., J Gen Intern Med 2001;16:606-613) and the C-SSRS screener (Posner et al., Am J Psychiatry
  2011;168:1266-1277). A sheet counts for 90 days.
* A positive suicide item on any sheet of the last 90 days, even after a later sheet without one and after its flag was
  resolved: answers to PHQ-9 item 9 go with attempts through the following year (Simon et al., Psychiatr Serv
  2013;64:1195-1202).
* Reliable deterioration: a change beyond measurement error (Jacobson & Truax, J Consult Clin Psychol 1991;59:12-19),
  in the bad direction of its instrument.
* Mood: declining, or an average of at most 2 of 5 in the last week.
* Contact: missed sessions in 60 days, and a silence of 30 or 60 days; falling out of care precedes harm.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Literal, cast

import msgspec

from apps.assessments.instruments import INSTRUMENTS
from apps.intelligence.facts import Facts, FlagFact, ScoreFact
from apps.intelligence.mood import average, trend

Level = Literal["low", "moderate", "high", "critical"]
LEVELS: tuple[tuple[int, Level], ...] = ((75, "critical"), (50, "high"), (25, "moderate"), (0, "low"))
HIGHEST = 100

OPEN_FLAG = {"critical": 75, "high": 50, "moderate": 25, "low": 10}
FURTHER_FLAG, FURTHER_FLAGS_AT_MOST = 5, 10
UNANSWERED_FLAG = 5
RECENT_CRISIS, CRISIS_IS_RECENT = 10, timedelta(days=30)
SEVERITY = {
    "phq9": {"moderate": 10, "moderately_severe": 20, "severe": 25},
    "gad7": {"moderate": 5, "severe": 15},
    "pcl5": {"probable_ptsd": 10},
    "who5": {"low": 5, "depression_likely": 10},
    "pss10": {"high": 5},
    "dass21": {"severe": 10, "extremely_severe": 15},
    "audit_c": {"high": 5, "severe": 10},
    "phq2": {"positive": 5},
    "gad2": {"positive": 5},
    "cssrs_screen": {"low": 10, "moderate": 20, "high": 30},
}
SUICIDE_ITEM = 10
DETERIORATION = 10
MOOD_DECLINING = 10
MOOD_LOW, LOW_AVERAGE = 10, 2.0
MISSED_ONE, MISSED_MORE, MISSED_WITHIN = 5, 10, timedelta(days=60)
SILENT_30, SILENT_60 = 5, 10


class Factor(msgspec.Struct, frozen=True):
    """One reason for attention: `evidence` is the fact it rests on, without a word that a person wrote."""

    code: str
    label: str
    points: int
    evidence: str


def factors(facts: Facts) -> list[Factor]:
    """Every factor that applies, the heaviest first."""
    found = [factor for rule in RULES for factor in rule(facts)]
    return sorted(found, key=lambda factor: -factor.points)


def risk_score(found: list[Factor]) -> int:
    return min(HIGHEST, sum(factor.points for factor in found))


def risk_level(score: int) -> Level:
    return next(level for least, level in LEVELS if score >= least)


def days_since_last_session(facts: Facts) -> int | None:
    """Whole days since the last session that took place; None when none is known."""
    return None if facts.last_session_at is None else max(0, (facts.at - facts.last_session_at).days)


def spoken(code: str) -> str:
    return code.replace("_", " ")


def instrument_name(code: str) -> str:
    """Its published name. A custom score's name is the sender's text and is not repeated."""
    definition = INSTRUMENTS.get(code)
    return definition.name if definition else "custom measure"


def figure(value: float) -> str:
    return f"{value:g}"


def _open_flags(facts: Facts) -> Iterator[Factor]:
    unresolved = [flag for flag in facts.flags if flag.is_open]
    if not unresolved:
        return
    worst = max(unresolved, key=lambda flag: OPEN_FLAG[flag.severity])
    yield Factor(
        f"open_flag_{worst.severity}",
        f"Open {worst.severity} crisis flag",
        OPEN_FLAG[worst.severity],
        f"{spoken(worst.category).capitalize()}, raised {worst.created_at:%Y-%m-%d}, {worst.status}.",
    )
    if further := len(unresolved) - 1:
        points = min(FURTHER_FLAGS_AT_MOST, further * FURTHER_FLAG)
        yield Factor("further_open_flags", "Further open crisis flags", points, f"{further} more not resolved.")
    if late := sum(_is_unanswered(flag, facts) for flag in unresolved):
        yield Factor(
            "unanswered_flag", "Crisis flag past its deadline", UNANSWERED_FLAG, f"{late} not acknowledged in time."
        )


def _is_unanswered(flag: FlagFact, facts: Facts) -> bool:
    return flag.status == "open" and flag.respond_by < facts.at


def _recent_crisis(facts: Facts) -> Iterator[Factor]:
    since = facts.at - CRISIS_IS_RECENT
    ended = [
        flag.resolved_at
        for flag in facts.flags
        if flag.resolved_at and flag.resolved_at >= since and flag.disposition != "entered_in_error"
    ]
    if ended:
        yield Factor(
            "recent_crisis",
            "Crisis within the last 30 days",
            RECENT_CRISIS,
            f"Last flag resolved {max(ended):%Y-%m-%d}.",
        )


def recent_scores(facts: Facts) -> list[ScoreFact]:
    since = facts.at - timedelta(days=90)
    return [score for score in facts.scores if score.administered_at >= since]


def _severities(facts: Facts) -> Iterator[Factor]:
    for score in recent_scores(facts):
        if points := SEVERITY.get(score.instrument, {}).get(score.severity):
            name = instrument_name(score.instrument)
            yield Factor(
                f"{score.instrument}_{score.severity}",
                f"{name}: {spoken(score.severity)}",
                points,
                f"{name} {figure(score.score)} of {figure(score.max_score)} on {score.administered_at:%Y-%m-%d}.",
            )


def _suicide_items(facts: Facts) -> Iterator[Factor]:
    if facts.positives:
        newest = facts.positives[0]
        yield Factor(
            "suicide_item_positive",
            "Positive suicide item",
            SUICIDE_ITEM,
            f"On {instrument_name(newest.instrument)} of {newest.administered_at:%Y-%m-%d}.",
        )


def got_worse(score: ScoreFact) -> bool:
    """Whether the change since the assessment before is reliable and in the bad direction."""
    definition = INSTRUMENTS.get(score.instrument)
    if definition is None or score.change is None or not score.reliable_change:
        return False
    return score.change > 0 if definition.direction == "higher_is_worse" else score.change < 0


def _deterioration(facts: Facts) -> Iterator[Factor]:
    worse = [score for score in recent_scores(facts) if got_worse(score)]
    if worse:
        changes = ", ".join(f"{instrument_name(score.instrument)} {cast(float, score.change):+g}" for score in worse)
        yield Factor(
            "reliable_deterioration", "Reliable deterioration", DETERIORATION, f"{changes} since the last time."
        )


def _mood(facts: Facts) -> Iterator[Factor]:
    if trend(facts) == "declining":
        yield Factor("mood_declining", "Declining mood", MOOD_DECLINING, "Mood after sessions fell over 60 days.")
    week = average(facts, timedelta(days=7))
    if week is not None and week <= LOW_AVERAGE:
        yield Factor("mood_low", "Low mood this week", MOOD_LOW, f"Average {week:g} of 5 over 7 days.")


def _contact(facts: Facts) -> Iterator[Factor]:
    since = facts.at - MISSED_WITHIN
    missed = sum(each.status == "no_show" and each.started_at >= since for each in facts.sessions)
    if missed:
        points = MISSED_ONE if missed == 1 else MISSED_MORE
        yield Factor("missed_sessions", "Missed sessions", points, f"{missed} not attended in 60 days.")
    if "sessions" in facts.withheld:
        return
    # Someone who was assigned long ago and never seen is as far from care as someone not seen since.
    seen = facts.last_session_at or facts.assigned_at
    silence = (facts.at - seen).days
    if silence >= 30:
        points = SILENT_60 if silence >= 60 else SILENT_30
        label = "No recent session" if facts.last_session_at else "No session yet"
        yield Factor("no_recent_session", label, points, f"{silence} days without one.")


RULES: tuple[Callable[[Facts], Iterator[Factor]], ...] = (
    _open_flags,
    _recent_crisis,
    _severities,
    _suicide_items,
    _deterioration,
    _mood,
    _contact,
)
