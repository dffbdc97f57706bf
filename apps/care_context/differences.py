"""What two versions of a care context say differently, line by line and, within a line that was reworded, word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Literal

from apps.care_context.models import Content
from apps.care_context.wording import Entry, Part, parts_of

Kind = Literal["same", "added", "removed", "reworded"]
# Finding differences takes time in the product of both lengths: a tenth of a microsecond for each pair, at worst.
MOST_PAIRS = 250_000
MOST_PAIRS_IN_ALL = 4_000_000
# Lines that share less than this are two different lines, not one that was reworded.
ALIKE = 0.5
_WORDS = re.compile(r"\s+|[^\s\w]|\w+")


@dataclass(slots=True)
class Effort:
    """How many pairs one comparison may still look at; what would take more is shown as replaced in whole."""

    left: int = field(default=MOST_PAIRS_IN_ALL)

    def is_spent_by(self, before: Sequence[str], after: Sequence[str]) -> bool:
        pairs = len(before) * len(after)
        if pairs > min(MOST_PAIRS, self.left):
            return True
        self.left -= pairs
        return False


@dataclass(frozen=True, slots=True)
class Run:
    """Some words of a line: in both versions, or in one of them."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    kind: Kind
    runs: list[Run]

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field, or a step of the plan, that says something else."""

    part: str
    title: str
    lines: list[Line]


def between(before: Content, after: Content, part: str | None = None) -> list[Difference]:
    """Everything that differs, or what differs in one part, in the order in which it is read."""
    effort = Effort()
    found = zip(parts_of(before), parts_of(after), strict=True)
    return [
        Difference(old.code, _title(new, entry), list(of_lines(was.lines, entry.lines, effort)))
        for old, new in found
        if part in (None, old.code)
        for was, entry in zip(old.entries, new.entries, strict=True)
        if was.lines != entry.lines
    ]


def of_lines(before: Sequence[str], after: Sequence[str], effort: Effort) -> Iterator[Line]:
    if effort.is_spent_by(before, after):
        yield from _whole("removed", before)
        yield from _whole("added", after)
        return
    for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from _whole("same", before[i:j])
        else:
            yield from _replaced(before[i:j], after[k:m], effort)


def _replaced(before: Sequence[str], after: Sequence[str], effort: Effort) -> Iterator[Line]:
    """Those in the same place that are alike are reworded ones; the others were taken out or put in."""
    paired = min(len(before), len(after))
    for was, becomes in zip(before[:paired], after[:paired], strict=True):
        runs = of_words(was, becomes, effort)
        shared = sum(len(run.text) for run in runs if run.kind == "same")
        if 2 * shared >= ALIKE * (len(was) + len(becomes)):
            yield Line("reworded", runs)
        else:
            yield from _whole("removed", [was])
            yield from _whole("added", [becomes])
    yield from _whole("removed", before[paired:])
    yield from _whole("added", after[paired:])


def of_words(before: str, after: str, effort: Effort) -> list[Run]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if effort.is_spent_by(old, new):
        return [Run("removed", before), Run("added", after)]
    runs = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(Run("same", "".join(old[i:j])))
        else:
            runs += [Run("removed", "".join(old[i:j])), Run("added", "".join(new[k:m]))]
    return [run for run in runs if run.text]


def _whole(kind: Kind, lines: Sequence[str]) -> Iterator[Line]:
    return (Line(kind, [Run(kind, text)]) for text in lines)


def _title(part: Part, entry: Entry) -> str:
    return entry.title if part.title == entry.title else f"{part.title}: {entry.title}"
