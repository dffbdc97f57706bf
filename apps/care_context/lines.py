"""Fields of a form that hold several lines, as many as someone needs, each an input of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from apps.care_context.models import LONGEST_LINE, MOST_LINES, Goal
from apps.care_context.wording import GOAL_STATUSES

EARLIEST_YEAR, LATEST_YEAR = 1900, 2200
SPARE_LINES = 2
GOAL_INPUTS = ("goal_text", "goal_status", "goal_date")
GOALS = "treatment_goals"
DAY_IN_FIGURES = "year-month-day, such as 2030-05-31"


@dataclass(frozen=True, slots=True)
class Group:
    """A field of lines as it is drawn: what stands in it, with spare lines to write into, and what is wrong.

    `states` are what each line may be in besides, by code; none where a line is its text alone.
    """

    name: str
    label: str
    hint: str
    lines: list[Any]
    faults: list[str]
    states: dict[str, str]


class LineInputs(forms.Widget):
    """Inputs of one name, a line each."""

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> list[str]:
        return data.getlist(name) if isinstance(data, MultiValueDict) else []


class GoalInputs(forms.Widget):
    """Three inputs for each goal, all of which a browser sends even when they are empty."""

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> list[dict[str, str]]:
        columns = [data.getlist(each) if isinstance(data, MultiValueDict) else [] for each in GOAL_INPUTS]
        rows = zip(*columns, strict=False)
        return [{"text": text, "status": status, "target_date": day} for text, status, day in rows]


class Lines(forms.Field):
    """Lines as they were typed, without those that are blank."""

    widget: type[forms.Widget] = LineInputs
    blank: Any = ""
    states: ClassVar[dict[str, str]] = {}

    def __init__(self, *, label: str, hint: str = "", longest: int = LONGEST_LINE, most: int = MOST_LINES) -> None:
        super().__init__(label=label, help_text=hint, required=False)
        self.longest, self.most = longest, most

    def clean(self, value: Any) -> list[Any]:
        typed = [as_typed(each) for each in value or ()]
        kept = [line for line in typed if line]
        faults = [fault for number, line in enumerate(typed, 1) for fault in self.why_not_line(number, line)]
        return self.kept(kept, faults)

    def kept(self, lines: list[Any], faults: list[str]) -> list[Any]:
        if len(lines) > self.most:
            faults.append(f"These are {len(lines)} lines; at most {self.most} can be kept.")
        if faults:
            raise forms.ValidationError(faults)
        return lines

    def why_not_line(self, number: int, text: str) -> list[str]:
        if "\x00" in text:
            return [f"Line {number} holds a character that cannot be kept (NUL)."]
        if len(text) > self.longest:
            return [f"Line {number} has {len(text)} characters; at most {self.longest} fit."]
        return []

    def drawn(self, bound: forms.BoundField, faults: list[str]) -> Group:
        lines = list(bound.value() or ())
        spare = max(0, 1 - len(lines)) if bound.form.is_bound else SPARE_LINES
        drawn = [*lines, *[self.blank] * spare]
        return Group(bound.name, str(self.label), str(self.help_text), drawn, faults, self.states)


class Goals(Lines):
    """Goals with their state and date, without those that have no text."""

    widget = GoalInputs
    states = GOAL_STATUSES
    blank: Any = {"text": "", "status": "active", "target_date": ""}

    def clean(self, value: Any) -> list[Any]:
        goals: list[Any] = []
        faults: list[str] = []
        for number, row in enumerate(value or (), 1):
            text, day = as_typed(row["text"]), row["target_date"]
            if not text and not day:
                continue
            due, wrong = _due(day)
            faults += [f"Line {number}: {wrong}"] if wrong else []
            faults += self.why_not_line(number, text) if text else [f"Line {number} has a date and no goal."]
            if row["status"] not in GOAL_STATUSES:
                faults.append(f"Line {number}: choose a state from the list.")
            goals.append(Goal(text=text, status=row["status"], target_date=due))
        return self.kept(goals, faults)


def rearranged(sent: QueryDict, wish: str) -> QueryDict:
    """What was typed, with one line more or one less: `add:<field>` or `remove:<field>:<index>`."""
    typed = sent.copy()
    verb, _, rest = wish.partition(":")
    name, _, index = rest.partition(":")
    for each in GOAL_INPUTS if name == GOALS else (name,):
        lines = typed.getlist(each)
        if verb == "add" and len(lines) < MOST_LINES:
            lines.append("active" if each == "goal_status" else "")
        elif verb == "remove" and index.isascii() and index.isdecimal() and int(index) < len(lines):
            del lines[int(index)]
        typed.setlist(each, lines)
    return typed


def as_typed(text: object) -> str:
    """Without blanks around it, and with `\\n` at the ends of lines, however the browser sends them."""
    return str(text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _due(day: str) -> tuple[str | None, str]:
    if not day:
        return None, ""
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return None, f"enter the date as {DAY_IN_FIGURES}."
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        return None, f"the year must be from {EARLIEST_YEAR} to {LATEST_YEAR}."
    return found.isoformat(), ""
