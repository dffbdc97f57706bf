"""An assessment as a person reads it: in words, with its bands, its change and each answer. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.assessments.instruments import EDITIONS, INSTRUMENTS, Band, Instrument, Item
from apps.assessments.models import CUSTOM, Assessment
from apps.members.models import Assignment

WIDTH, HEIGHT = 480, 28
IMPROVED, WORSE, STEADY = "improved", "worse", "steady"
SPELLED = {"probable_ptsd": "Probable PTSD"}
# How grave a band is: the best one, those of the worst third, and those between.
LOW, MODERATE, HIGH = "low", "moderate", "high"


@dataclass(frozen=True, slots=True)
class Answer:
    """One item and what was answered; `is_flagged` where the answer alone is watched for."""

    number: int
    text: str
    value: int
    label: str
    is_flagged: bool


@dataclass(frozen=True, slots=True)
class BandLine:
    """Scores from `low` to `high` and how grave they are; on the drawing from `x` for `width` of its units."""

    severity: str
    low: int
    high: int
    level: str
    is_current: bool
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class SubscaleLine:
    label: str
    score: int
    max_score: int
    severity: str


@dataclass(frozen=True, slots=True)
class Reading:
    """`definition` is the edition that scored the sheet; None for a score from elsewhere."""

    assessment: Assessment
    definition: Instrument | None

    @property
    def title(self) -> str:
        return title_of(self.assessment.instrument, self.assessment.name)

    @property
    def severity(self) -> str:
        """In words; that of a score from elsewhere is its sender's own."""
        told = self.assessment.severity
        return _spoken(told) if self.definition else told

    @property
    def level(self) -> str:
        """How grave the severity is: low, moderate or high; empty where nothing says."""
        order = _order(self.definition) if self.definition else []
        return _level(order, self.assessment.severity)

    @property
    def verdict(self) -> str:
        """`improved` or `worse` where the change is reliable, `steady` where it is not; empty where no rule says."""
        told, definition = self.assessment, self.definition
        if definition is None or told.change is None or told.reliable_change is None:
            return ""
        if not told.reliable_change:
            return STEADY
        return IMPROVED if (told.change < 0) == (definition.direction == "higher_is_worse") else WORSE

    @property
    def bands(self) -> list[BandLine]:
        """Of the whole; none where the instrument has bands for its subscales alone."""
        return list(_bands(self.definition, self.assessment.score)) if self.definition else []

    @property
    def marker(self) -> float:
        """Where the score stands on the drawing."""
        told = self.assessment
        return round((told.score - told.min_score) / (told.max_score - told.min_score) * WIDTH, 1)

    @property
    def band(self) -> BandLine | None:
        return next((band for band in self.bands if band.is_current), None)

    @property
    def subscales(self) -> list[SubscaleLine]:
        parts: Mapping[str, Mapping[str, Any]] = self.assessment.subscales
        return [
            SubscaleLine(
                each.label, parts[each.name]["score"], each.max_score, _spoken(parts[each.name]["severity"] or "")
            )
            for each in (self.definition.subscales if self.definition else ())
            if each.name in parts
        ]

    @property
    def answers(self) -> list[Answer]:
        if self.definition is None:
            return []
        flagged = {flag["item"] for flag in self.assessment.item_flags}
        return [
            Answer(item.number, item.text, value, label_of(item, value), item.number in flagged)
            for item, value in zip(self.definition.items, self.assessment.answers, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Row:
    """One item over several sheets, in their order."""

    item: Item
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    sheets: list[Reading]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Due:
    """What care asks of a member's measures next: `instrument` is empty where a first one is due, whichever."""

    instrument: str
    at: datetime
    is_due: bool
    no_improvement: bool

    @property
    def title(self) -> str:
        return title_of(self.instrument) if self.instrument else "A first PHQ-9 or GAD-7"


def read(assessment: Assessment) -> Reading:
    return Reading(assessment, EDITIONS.get((assessment.instrument, assessment.instrument_version)))


def compare(readings: Sequence[Reading]) -> Comparison | None:
    """The answers to each item side by side, for sheets of the first one's edition; None where it has no items."""
    definition = readings[0].definition if readings else None
    if definition is None:
        return None
    sheets = [reading for reading in readings if reading.definition == definition]
    answers = [sheet.answers for sheet in sheets]
    rows = [Row(item, tuple(given[item.number - 1] for given in answers)) for item in definition.items]
    return Comparison(sheets, rows)


def due(member: Assignment, moment: datetime) -> Due | None:
    """None for someone who is not in active care, or of whom it is not known yet."""
    if member.status != Assignment.Status.ACTIVE or member.measure_due_at is None:
        return None
    return Due(
        instrument=member.measure_due,
        at=member.measure_due_at,
        is_due=member.measure_due_at <= moment,
        no_improvement=member.improvement_due_at is not None and member.improvement_due_at <= moment,
    )


def title_of(instrument: str, name: str = "") -> str:
    """The published name, or the name that a score from elsewhere came with."""
    known = INSTRUMENTS.get(instrument)
    if known:
        return known.name
    return name or ("A score from elsewhere" if instrument == CUSTOM else instrument)


def label_of(item: Item, value: int) -> str:
    return next((option.label for option in item.options if option.value == value), str(value))


def _spoken(severity: str) -> str:
    return SPELLED.get(severity, severity.replace("_", " ").capitalize())


def _order(definition: Instrument) -> list[str]:
    """Its severities from the best to the worst."""
    bands: tuple[Band, ...] = definition.bands or definition.subscales[0].bands
    order = [band.severity for band in bands]
    return order if definition.direction == "higher_is_worse" else order[::-1]


def _level(order: list[str], severity: str) -> str:
    if severity not in order:
        return ""
    place, worst = order.index(severity), len(order) - 1
    return LOW if place == 0 else HIGH if 3 * place > 2 * worst else MODERATE


def _bands(definition: Instrument, score: float) -> Iterator[BandLine]:
    order = _order(definition)
    least, span = definition.min_score, definition.max_score - definition.min_score
    for band in definition.bands:
        ends = definition.max_score if band.high == definition.max_score else band.high + 1
        yield BandLine(
            severity=_spoken(band.severity),
            low=band.low,
            high=band.high,
            level=_level(order, band.severity),
            is_current=band.low <= score <= band.high,
            x=round((band.low - least) / span * WIDTH, 1),
            width=round((ends - band.low) / span * WIDTH, 1),
        )
