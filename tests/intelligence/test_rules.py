"""The rules, without a database: points that add up, levels, mood, engagement and what the consent withholds."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.core.ids import uuid7
from apps.intelligence.facts import Facts, FlagFact, PositiveFact, ScoreFact, SessionFact, without
from apps.intelligence.mood import average, engagement, on_five, trend
from apps.intelligence.rules import risk_level
from apps.intelligence.writing import write

AT = datetime(2025, 6, 30, 12, tzinfo=UTC)


def days_ago(days: float) -> datetime:
    return AT - timedelta(days=days)


def flag(severity: str = "high", *, resolved: float | None = None, disposition: str = "") -> FlagFact:
    ended = None if resolved is None else days_ago(resolved)
    status = "open" if resolved is None else "resolved"
    due = AT + timedelta(hours=1)
    return FlagFact(uuid7(), severity, "self_harm", status, days_ago(0.1), due, ended, disposition)


def score(instrument: str = "phq9", severity: str = "severe", *, days: float = 1, **told: object) -> ScoreFact:
    fields: dict[str, object] = {
        "id": uuid7(),
        "instrument": instrument,
        "name": "",
        "score": 21.0,
        "max_score": 27.0,
        "severity": severity,
        "change": None,
        "reliable_change": None,
        "administered_at": days_ago(days),
    }
    return ScoreFact(**{**fields, **told})  # type: ignore[arg-type]


def positive(days: float = 1) -> PositiveFact:
    return PositiveFact(uuid7(), "phq9", days_ago(days))


def session(days: float, mood: int | None = None, status: str = "completed") -> SessionFact:
    return SessionFact(uuid7(), status, days_ago(days), mood)


def facts(**told: object) -> Facts:
    fields: dict[str, object] = {
        "member_id": uuid7(),
        "at": AT,
        "known_risk_level": "low",
        "assigned_at": days_ago(3),
        "last_session_at": None,
    }
    return Facts(**{**fields, **told})  # type: ignore[arg-type]


def codes(known: Facts) -> dict[str, int]:
    return {factor.code: factor.points for factor in write(known).body.risk_factors}


def test_nothing_known_is_low_risk_and_still_a_brief() -> None:
    brief = write(facts())
    assert (brief.risk_score, brief.risk_level, brief.mood_trend) == (0, "low", "insufficient_data")
    assert "Schedule a first session." in brief.body.suggested_actions
    assert brief.body.summary.count(".") == 2


@pytest.mark.parametrize("severity", ["low", "moderate", "high", "critical"])
def test_an_open_flag_alone_makes_its_own_level(severity: str) -> None:
    assert write(facts(flags=[flag(severity)])).risk_level == severity


@pytest.mark.parametrize(
    ("points", "level"),
    [(0, "low"), (24, "low"), (25, "moderate"), (49, "moderate"), (50, "high"), (74, "high"), (75, "critical")],
)
def test_the_levels_start_where_they_say(points: int, level: str) -> None:
    assert risk_level(points) == level


def test_the_points_add_up_to_the_score_before_the_cap() -> None:
    known = facts(
        flags=[flag("critical"), flag("low"), flag(resolved=3)],
        scores=[score(change=9.0, reliable_change=True), score("gad7", "severe")],
        positives=[positive()],
        sessions=[session(1, status="no_show")],
    )
    brief = write(known)
    assert sum(factor.points for factor in brief.body.risk_factors) > 100
    assert brief.risk_score == 100
    lighter = write(facts(scores=[score("gad7", "severe")]))
    assert sum(factor.points for factor in lighter.body.risk_factors) == lighter.risk_score == 15


def test_a_flag_entered_in_error_leaves_no_recent_crisis() -> None:
    assert "recent_crisis" in codes(facts(flags=[flag(resolved=3, disposition="safety_plan")]))
    assert codes(facts(flags=[flag(resolved=3, disposition="entered_in_error")])) == {}


def test_an_old_sheet_no_longer_counts() -> None:
    assert codes(facts(scores=[score(days=91)])) == {}


def test_deterioration_follows_the_direction_of_the_instrument() -> None:
    worse = score(change=7.0, reliable_change=True)
    better = score(change=-7.0, reliable_change=True)
    assert "reliable_deterioration" in codes(facts(scores=[worse]))
    assert "reliable_deterioration" not in codes(facts(scores=[better]))


def test_silence_weighs_more_the_longer_it_is() -> None:
    assert codes(facts(last_session_at=days_ago(31))) == {"no_recent_session": 5}
    assert codes(facts(last_session_at=days_ago(61))) == {"no_recent_session": 10}
    assert codes(facts(assigned_at=days_ago(31))) == {"no_recent_session": 5}


def test_mood_runs_from_1_to_5() -> None:
    assert (on_five(1), on_five(10)) == (1, 5)
    known = facts(sessions=[session(20, 10), session(3, 1)])
    assert (average(known, timedelta(days=7)), average(known, timedelta(days=30))) == (1, 3)
    assert average(facts(), timedelta(days=7)) is None


@pytest.mark.parametrize(
    ("moods", "expected"),
    [
        ([3, 3, 3], "insufficient_data"),
        ([3, 3, 5, 6], "improving"),
        ([8, 7, 4, 3], "declining"),
        ([5, 5, 5, 5], "stable"),
    ],
)
def test_the_trend_compares_the_halves(moods: list[int], expected: str) -> None:
    known = facts(sessions=[session(40 - index * 7, mood) for index, mood in enumerate(moods)])
    assert trend(known) == expected


def test_engagement_runs_from_nothing_to_everything() -> None:
    kept = facts(last_session_at=days_ago(5), sessions=[session(5), session(12)], scores=[score(days=5)])
    assert engagement(kept) == 100
    assert engagement(facts(sessions=[session(5, status="no_show")])) == 0


def test_what_is_withheld_shows_in_no_figure_and_no_sentence() -> None:
    known = facts(
        flags=[flag("critical")],
        scores=[score()],
        positives=[positive()],
        sessions=[session(40, 3)],
        last_session_at=days_ago(40),
    )
    brief = write(without(known, frozenset({"flags", "scores", "sessions"})))
    assert (brief.risk_score, brief.body.risk_factors, brief.body.latest_assessments) == (0, [], [])
    assert brief.body.suggested_actions == []
    assert brief.body.summary == (
        "This brief rests on the member's assignment alone: sessions, assessments and crisis flags were not shared. "
        "It states no risk, engagement or mood, which follow from those."
    )
    assert "suicide_item_positive" not in codes(without(known, frozenset({"flags"})))


@pytest.mark.parametrize("withheld", [{"flags"}, {"scores"}, {"sessions"}, {"flags", "sessions"}])
def test_what_is_withheld_is_never_told_as_not_there(withheld: set[str]) -> None:
    summary = write(without(facts(flags=[flag("critical")]), frozenset(withheld))).body.summary
    assert "no risk factor on record" not in summary
    assert "Risk is" not in summary
    assert "not shared" in summary
