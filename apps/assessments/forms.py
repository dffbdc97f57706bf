"""The shape of what is sent to the pages of measures: an answer for each item, and what stands beside them."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone

from apps.assessments.custom import LARGEST, NAME_LENGTH, SEVERITY_LENGTH
from apps.assessments.instruments import Instrument, Item
from apps.assessments.models import Assessment
from apps.care_sessions.models import Session

BY = (
    (Assessment.By.SELF, "The member filled it in"),
    (Assessment.By.CLINICIAN, "I read it out and entered the answers"),
)


@dataclass(frozen=True, slots=True)
class Around:
    """The zone in which times are typed, the sessions to choose from, and the id of the one that was asked for."""

    zone: ZoneInfo
    sessions: Sequence[Session]
    asked: str = ""


class Circumstances(forms.Form):
    """Who filled it in, when, and in which session. `token` is of this very form."""

    token = forms.UUIDField(required=False, widget=forms.HiddenInput)
    administered_by = forms.ChoiceField(
        label="Who filled it in",
        choices=BY,
        widget=forms.RadioSelect,
        initial=Assessment.By.SELF,
        error_messages={"required": "Say who filled it in.", "invalid_choice": "Choose one of the two."},
    )
    administered_at = forms.DateTimeField(
        label="Filled in earlier, on paper",
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Give a day and a time, as 2026-03-31T14:30; leave it empty for now."},
    )

    use_required_attribute = False

    def __init__(self, around: Around, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data, label_suffix="", initial={"token": uuid.uuid4(), "session": around.asked})
        self.zone = around.zone
        self.fields["session"] = forms.TypedChoiceField(
            label="In a session",
            required=False,
            coerce=uuid.UUID,
            empty_value=None,
            choices=[("", "None"), *((str(each.id), _told(each, around.zone)) for each in around.sessions)],
            error_messages={"invalid_choice": "Choose one of the sessions in the list."},
        )

    def clean_administered_at(self) -> datetime | None:
        """What was typed is a time of the workplace, whatever zone the server is in."""
        typed: datetime | None = self.cleaned_data["administered_at"]
        return typed and timezone.make_naive(typed).replace(tzinfo=self.zone)

    @property
    def circumstances(self) -> dict[str, Any]:
        """As the verb takes them."""
        return {
            "administered_by": self.cleaned_data["administered_by"],
            "administered_at": self.cleaned_data["administered_at"],
            "session_id": self.cleaned_data["session"],
        }

    def refuse(self, faults: Mapping[str, list[str]]) -> None:
        """What the verb refused, each fault at its field."""
        for path, messages in faults.items():
            field = self.field_of(path)
            for message in messages:
                self.add_error(field if field in self.fields else None, message)

    def field_of(self, path: str) -> str:
        return "session" if path == "session_id" else path


class SheetForm(Circumstances):
    """One group of radio buttons for each item of an instrument."""

    def __init__(self, instrument: Instrument, around: Around, data: Mapping[str, object] | None = None) -> None:
        super().__init__(around, data)
        self.instrument = instrument
        for item in instrument.items:
            self.fields[name_of(item)] = forms.TypedChoiceField(
                choices=[(str(option.value), option.label) for option in item.options],
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={
                    "required": f"Item {item.number} is not answered. Choose the answer that fits best.",
                    "invalid_choice": f"Item {item.number} takes one of its own answers.",
                },
            )

    @property
    def items(self) -> Iterator[tuple[Item, BoundField]]:
        for item in self.instrument.items:
            yield item, self[name_of(item)]

    @property
    def missing(self) -> list[Item]:
        """The items that are wrong or not answered, in their order; none while nothing was sent."""
        return [item for item in self.instrument.items if self.is_bound and name_of(item) in self.errors]

    @property
    def answers(self) -> list[int]:
        return [self.cleaned_data[name_of(item)] for item in self.instrument.items]

    def field_of(self, path: str) -> str:
        kind, _, index = path.partition(".")
        return f"item_{int(index) + 1}" if kind == "answers" and index.isdecimal() else super().field_of(path)


class CustomForm(Circumstances):
    """A score that was reached elsewhere, with the figures that it must fit into."""

    name = forms.CharField(label="Name of the measure", max_length=NAME_LENGTH)
    score = forms.FloatField(label="Score", min_value=-LARGEST, max_value=LARGEST)
    min_score = forms.FloatField(label="Lowest score there is", min_value=-LARGEST, max_value=LARGEST)
    max_score = forms.FloatField(label="Highest score there is", min_value=-LARGEST, max_value=LARGEST)
    severity = forms.CharField(label="What the score means, in the measure's own words", max_length=SEVERITY_LENGTH)

    def __init__(
        self, around: Around, data: Mapping[str, object] | None = None, like: Assessment | None = None
    ) -> None:
        """`like` is one before it, of the same measure."""
        super().__init__(around, data)
        if like:
            self.initial.update(name=like.name, min_score=like.min_score, max_score=like.max_score)

    @property
    def custom(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in ("name", "score", "min_score", "max_score", "severity")}

    def field_of(self, path: str) -> str:
        return super().field_of(path.removeprefix("custom."))


def name_of(item: Item) -> str:
    return f"item_{item.number}"


def _told(session: Session, zone: ZoneInfo) -> str:
    kind = session.session_type.replace("_", " ").capitalize()
    return f"{session.started_at.astimezone(zone):%d %b %Y, %H:%M}, {kind}"
