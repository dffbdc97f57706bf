"""The instruments that can be scored, read from `definitions/<code>-<version>.toml` and checked at import.

A definition is data: items with their response options, reversed items, subscales, severity bands, the items
whose answers open a crisis flag, the change that counts as reliable, where all of it comes from and how it
may be used. A changed instrument is a new file with the next version; old files stay, so that an old answer
sheet can still be read by the definition that scored it. `INSTRUMENTS` holds the newest version of each code.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import msgspec

DEFINITIONS = Path(__file__).parent / "definitions"

CrisisCategory = Literal["suicide_ideation", "self_harm", "harm_to_others", "crisis_distress"]
CrisisSeverity = Literal["low", "moderate", "high", "critical"]
CRISIS_SEVERITIES: tuple[CrisisSeverity, ...] = ("low", "moderate", "high", "critical")


class DefinitionError(ValueError):
    """A definition contradicts itself; the message names the file and what does not fit."""


class UnknownInstrument(LookupError):
    """No definition has this code (and version); the message lists the codes there are."""


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One possible answer: the number that is scored, and the words beside it."""

    value: int
    label: str


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. `number` counts from 1; `options` are the instrument's unless the item has its own."""

    number: int
    text: str
    options: tuple[Option, ...] = ()
    reversed: bool = False
    loinc: str | None = None

    @property
    def minimum(self) -> int:
        return self.options[0].value

    @property
    def maximum(self) -> int:
        return self.options[-1].value

    def points(self, answer: int) -> int:
        """What `answer` counts: itself, or its mirror image when the item is reversed."""
        return self.minimum + self.maximum - answer if self.reversed else answer


class Band(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Scores from `low` to `high`, both included, carry `severity`."""

    severity: str
    low: int
    high: int


class Subscale(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some of the items scored by themselves. Without bands its severity is null: none is published."""

    name: str
    label: str
    items: tuple[int, ...]
    max_score: int
    bands: tuple[Band, ...] = ()


class FlagLevel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers of `at_least` and more open a crisis flag of `severity`."""

    at_least: int
    severity: CrisisSeverity


class FlagRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An item whose answer alone opens a crisis flag. `levels` rise in both answer and severity."""

    item: int
    code: str
    category: CrisisCategory
    levels: tuple[FlagLevel, ...]

    def severity_of(self, answer: int) -> CrisisSeverity | None:
        reached = [level.severity for level in self.levels if answer >= level.at_least]
        return reached[-1] if reached else None


class ReliableChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The smallest difference of two totals that measurement error does not explain, and who says so."""

    points: int
    source: str


class Instrument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of one questionnaire.

    `scoring`: `sum` adds the items' points and multiplies by `multiplier`; `highest_item` is the number of
    the last item that was answered above its minimum, 0 when none was. `severity_from`: the total's own band,
    or the worst among the subscales (their bands then share one order of severities). `wording` says whether
    item texts are the published ones or short descriptions of them; `licence` says why.
    """

    code: str
    version: str
    name: str
    description: str
    instructions: str
    recall_period: str
    wording: Literal["standard", "paraphrase"]
    licence: str
    source: str
    bands_source: str
    direction: Literal["higher_is_worse", "higher_is_better"] = "higher_is_worse"
    scoring: Literal["sum", "highest_item"] = "sum"
    severity_from: Literal["score", "worst_subscale"] = "score"
    multiplier: int = 1
    max_score: int
    options: tuple[Option, ...] = ()
    items: tuple[Item, ...]
    bands: tuple[Band, ...] = ()
    subscales: tuple[Subscale, ...] = ()
    flag_rules: tuple[FlagRule, ...] = ()
    reliable_change: ReliableChange | None = None
    no_reliable_change_because: str | None = None
    loinc_panel: str | None = None
    loinc_total: str | None = None

    @property
    def min_score(self) -> int:
        return 0 if self.scoring == "highest_item" else total_of(self.items, self.multiplier, highest=False)

    def items_of(self, subscale: Subscale) -> tuple[Item, ...]:
        return tuple(self.items[number - 1] for number in subscale.items)


def total_of(items: Iterable[Item], multiplier: int, *, highest: bool) -> int:
    """The highest or the lowest sum that these items can reach, after multiplying."""
    return multiplier * sum(item.maximum if highest else item.minimum for item in items)


def severity_in(bands: tuple[Band, ...], score: int) -> str | None:
    """The severity of the band that holds `score`; None for a scale without bands."""
    return next((band.severity for band in bands if band.low <= score <= band.high), None)


def read_definition(text: str, *, name: str) -> Instrument:
    """Reads and checks one definition. Raises DefinitionError, which starts with `name`."""
    try:
        found = msgspec.toml.decode(text, type=Instrument)
    except msgspec.DecodeError as error:
        raise DefinitionError(f"{name}: {error}") from error
    items = tuple(
        item if item.options else msgspec.structs.replace(item, options=found.options) for item in found.items
    )
    found = msgspec.structs.replace(found, items=items)
    for fault in _faults(found, name):
        raise DefinitionError(f"{name}: {fault}")
    return found


def _faults(found: Instrument, name: str) -> Iterable[str]:
    if name != f"{found.code}-{found.version}" or not found.version.isdecimal():
        yield f"the file must be called {found.code}-{found.version}, and the version be a whole number"
    yield from _item_faults(found)
    yield from _scale_faults(found)
    yield from _flag_faults(found)
    if (found.reliable_change is None) == (found.no_reliable_change_because is None):
        yield "give either reliable_change or no_reliable_change_because"
    if found.reliable_change and not 0 < found.reliable_change.points <= found.max_score:
        yield "reliable_change.points must lie between 1 and max_score"


def _item_faults(found: Instrument) -> Iterable[str]:
    if [item.number for item in found.items] != list(range(1, len(found.items) + 1)) or not found.items:
        yield "items must be numbered 1, 2, 3 … in order"
    for item in found.items:
        values = [option.value for option in item.options]
        if len(values) < 2 or values != list(range(values[0], values[0] + len(values))):
            yield f"item {item.number} needs two or more options whose values rise by one"


def _scale_faults(found: Instrument) -> Iterable[str]:
    if found.scoring == "highest_item":
        if found.multiplier != 1 or found.subscales or any(item.reversed for item in found.items):
            yield "highest_item takes no multiplier, subscales or reversed items"
        highest = len(found.items)
    else:
        highest = total_of(found.items, found.multiplier, highest=True)
    if found.multiplier < 1 or found.max_score != highest:
        yield f"max_score is {found.max_score}, the items reach {highest}"
    for subscale in found.subscales:
        yield from _subscale_faults(found, subscale)
    if found.severity_from == "score":
        yield from _band_faults("the whole", found.bands, found.min_score, found.max_score)
    elif found.bands or len({tuple(b.severity for b in subscale.bands) for subscale in found.subscales}) != 1:
        yield "worst_subscale needs subscales that share one order of severities, and no bands of the whole"


def _subscale_faults(found: Instrument, subscale: Subscale) -> Iterable[str]:
    if [other.name for other in found.subscales].count(subscale.name) > 1:
        yield f"two subscales are called {subscale.name}"
    existing = [item.number for item in found.items if item.number in subscale.items]
    if not existing or existing != sorted(subscale.items):
        yield f"subscale {subscale.name} must name items that exist, each once"
        return
    highest = total_of(found.items_of(subscale), found.multiplier, highest=True)
    if subscale.max_score != highest:
        yield f"max_score of {subscale.name} is {subscale.max_score}, its items reach {highest}"
    if subscale.bands or found.severity_from == "worst_subscale":
        lowest = total_of(found.items_of(subscale), found.multiplier, highest=False)
        yield from _band_faults(subscale.name, subscale.bands, lowest, highest)


def _band_faults(scale: str, bands: tuple[Band, ...], lowest: int, highest: int) -> Iterable[str]:
    if len({band.severity for band in bands}) != len(bands):
        yield f"bands of {scale} repeat a severity"
    expected = lowest
    for band in bands:
        if band.low != expected or band.high < band.low:
            yield f"band {band.severity} of {scale} must start at {expected} and end no lower"
        expected = band.high + 1
    if expected != highest + 1:
        yield f"bands of {scale} end at {expected - 1}, the scale at {highest}"


def _flag_faults(found: Instrument) -> Iterable[str]:
    ruled = [rule.item for rule in found.flag_rules]
    if ruled != sorted(set(ruled)):
        yield "flag rules must stand in the order of their items, one an item"
    for rule in found.flag_rules:
        if not 1 <= rule.item <= len(found.items):
            yield f"flag rule {rule.code} names item {rule.item}, which does not exist"
            continue
        item = found.items[rule.item - 1]
        answers = [level.at_least for level in rule.levels]
        severities = [CRISIS_SEVERITIES.index(level.severity) for level in rule.levels]
        rising = answers == sorted(set(answers)) and severities == sorted(set(severities))
        # A level at the minimum would flag every sheet, the harmless ones included.
        if not answers or not rising or answers[0] <= item.minimum or answers[-1] > item.maximum:
            yield f"levels of flag rule {rule.code} must rise, above {item.minimum} and up to {item.maximum}"


def read_definitions(folder: Path) -> Mapping[tuple[str, str], Instrument]:
    """Every definition in `folder` by code and version. Raises DefinitionError, also for none at all."""
    found: dict[tuple[str, str], Instrument] = {}
    for path in sorted(folder.glob("*.toml")):
        read = read_definition(path.read_text("utf-8"), name=path.stem)
        found[read.code, read.version] = read
    if not found:
        raise DefinitionError(f"{folder.name}: no instrument definitions here; is the installation complete?")
    return MappingProxyType(found)


EDITIONS: Mapping[tuple[str, str], Instrument] = read_definitions(DEFINITIONS)

INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {edition.code: edition for edition in sorted(EDITIONS.values(), key=lambda edition: int(edition.version))}
)


def instrument(code: str, version: str | None = None) -> Instrument:
    """The newest version of an instrument, or the version named. Raises UnknownInstrument."""
    found = INSTRUMENTS.get(code) if version is None else EDITIONS.get((code, version))
    if found is None:
        asked = "this code" if version is None else "this code and version"
        raise UnknownInstrument(f"No instrument has {asked}. There are: {', '.join(INSTRUMENTS)}.")
    return found
