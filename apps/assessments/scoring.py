"""Turns a complete answer sheet into a score, its severities, its item flags and the crisis it opens.

Pure: no database, no clock. An incomplete or out-of-range sheet never gets a total: `why_not_score` says what
is wrong with it, and `score` refuses it. Raise `SCORER_VERSION` whenever the same sheet and definition could
give another result; it is stored with each score.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import msgspec

from apps.assessments.instruments import (
    CRISIS_SEVERITIES,
    CrisisCategory,
    CrisisSeverity,
    Instrument,
    Item,
    severity_in,
)

SCORER_VERSION = "1"


class SubscaleScore(msgspec.Struct, frozen=True):
    """`severity` is None where the instrument publishes no bands for its subscales."""

    score: int
    severity: str | None


class ItemFlag(msgspec.Struct, frozen=True):
    """An item whose answer its rule watches for. `item` counts from 1, `value` is the raw answer."""

    item: int
    code: str
    value: int


class CrisisTrigger(msgspec.Struct, frozen=True):
    """The crisis flag to open; `item` (from 1) is the one that decided its severity."""

    category: CrisisCategory
    severity: CrisisSeverity
    item: int


class Score(msgspec.Struct, frozen=True):
    """What a sheet comes to. `msgspec.to_builtins` of it gives plain dictionaries and lists."""

    score: int
    max_score: int
    severity: str
    subscales: dict[str, SubscaleScore]
    item_flags: tuple[ItemFlag, ...]
    crisis: CrisisTrigger | None


class UnscorableAnswers(ValueError):
    """The sheet cannot be scored. `fields` holds the reasons of `why_not_score`; no answers in it."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        super().__init__(" ".join(message for messages in fields.values() for message in messages))
        self.fields = fields


def why_not_score(instrument: Instrument, answers: object) -> dict[str, list[str]]:
    """Why these answers get no total; empty when they do.

    Keys are `answers` (not a list, or the wrong count, in which case single items are not looked at) and
    `answers.<index from 0>`; messages name the item's number from 1 and its range, never the answer given.
    """
    expected = len(instrument.items)
    if not isinstance(answers, list | tuple):
        return {"answers": [f"{instrument.name} needs a list of {expected} whole numbers, one an item."]}
    if len(answers) != expected:
        return {"answers": [f"{instrument.name} needs {expected} answers, one an item; {len(answers)} given."]}
    return {
        f"answers.{item.number - 1}": [
            f"Item {item.number} must be a whole number from {item.minimum} to {item.maximum}."
        ]
        for item, answer in zip(instrument.items, answers, strict=True)
        if not _answers(item, answer)
    }


def _answers(item: Item, answer: object) -> bool:
    # type() and not isinstance(): True is an int to Python, but a tick box is no answer to a scale.
    return type(answer) is int and item.minimum <= answer <= item.maximum


def score(instrument: Instrument, answers: Sequence[int]) -> Score:
    """Scores a list or tuple of answers in the items' order. Raises UnscorableAnswers for any fault."""
    if fields := why_not_score(instrument, answers):
        raise UnscorableAnswers(fields)
    total = _total(instrument, answers)
    subscales = _subscales(instrument, answers)
    return Score(
        score=total,
        max_score=instrument.max_score,
        severity=_severity(instrument, total, subscales),
        subscales=subscales,
        item_flags=_item_flags(instrument, answers),
        crisis=_crisis(instrument, answers),
    )


def _points(items: Sequence[Item], answers: Sequence[int]) -> int:
    return sum(item.points(answers[item.number - 1]) for item in items)


def _total(instrument: Instrument, answers: Sequence[int]) -> int:
    if instrument.scoring == "highest_item":
        raised = (item.number for item in instrument.items if answers[item.number - 1] > item.minimum)
        return max(raised, default=0)
    return instrument.multiplier * _points(instrument.items, answers)


def _subscales(instrument: Instrument, answers: Sequence[int]) -> dict[str, SubscaleScore]:
    scored: dict[str, SubscaleScore] = {}
    for subscale in instrument.subscales:
        points = instrument.multiplier * _points(instrument.items_of(subscale), answers)
        scored[subscale.name] = SubscaleScore(points, severity_in(subscale.bands, points))
    return scored


def _severity(instrument: Instrument, total: int, subscales: Mapping[str, SubscaleScore]) -> str:
    if instrument.severity_from == "worst_subscale":
        order = [band.severity for band in instrument.subscales[0].bands]
        return max((cast(str, part.severity) for part in subscales.values()), key=order.index)
    # The loader has checked that the bands cover every total, so there is always one.
    return cast(str, severity_in(instrument.bands, total))


def _item_flags(instrument: Instrument, answers: Sequence[int]) -> tuple[ItemFlag, ...]:
    return tuple(
        ItemFlag(rule.item, rule.code, answers[rule.item - 1])
        for rule in instrument.flag_rules
        if rule.severity_of(answers[rule.item - 1]) is not None
    )


def _crisis(instrument: Instrument, answers: Sequence[int]) -> CrisisTrigger | None:
    """The most severe of the triggered rules; among equals the later item, which asks the graver thing."""
    triggers = [
        CrisisTrigger(rule.category, severity, rule.item)
        for rule in instrument.flag_rules
        if (severity := rule.severity_of(answers[rule.item - 1])) is not None
    ]
    return max(triggers, key=lambda found: (CRISIS_SEVERITIES.index(found.severity), found.item), default=None)


def change(instrument: Instrument, previous: int | None, current: int) -> tuple[int | None, bool | None]:
    """The difference from the score before (signed: current less previous) and whether it is reliable.

    Both None without a previous score; the second None where the instrument has no published value. Whether a
    negative change is good news is the instrument's `direction`.
    """
    if previous is None:
        return None, None
    difference = current - previous
    if instrument.reliable_change is None:
        return difference, None
    return difference, abs(difference) >= instrument.reliable_change.points
