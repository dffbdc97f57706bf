"""The shape of what is sent to the pages of sessions. Times are typed as the clock of the workplace shows them."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from apps.care_sessions.models import Session
from apps.care_sessions.policies import EARLIEST, HIGHEST_MOOD, LATEST, LOWEST_MOOD
from apps.core.wallclock import is_shown_twice, moment_of, why_not_shown

USUAL_MINUTES = 50
LONGEST_MINUTES = 24 * 60
LONGEST_TEXT = 20_000
MOST_TAGS, LONGEST_TAG = 100, 200
TYPED = "%Y-%m-%dT%H:%M"


class WallClockField(forms.DateTimeField):
    """A day and a time without a zone; the form knows whose clock it is."""

    def __init__(self, *, label: str, required: bool = True) -> None:
        super().__init__(
            label=label,
            required=required,
            widget=forms.DateTimeInput({"type": "datetime-local"}, format=TYPED),
            error_messages={
                "required": "Say when.",
                "invalid": "Give a day and a time, such as 2030-05-31T14:05.",
            },
        )

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        shown = timezone.make_naive(found) if found and timezone.is_aware(found) else found
        # A clock of another zone shows no time at all at the ends of the calendar.
        if shown and not EARLIEST.year < shown.year < LATEST.year:
            raise forms.ValidationError("Give a day of the years 1901 to 2199.")
        return shown


class TagsField(forms.CharField):
    """Short words, separated by commas or lines."""

    def __init__(self, *, label: str) -> None:
        super().__init__(label=label, required=False, help_text="Separated by commas.", max_length=LONGEST_TEXT)

    def clean(self, value: object) -> list[str]:
        typed = super().clean(value)
        tags = [tag.strip() for tag in typed.replace("\n", ",").split(",") if tag.strip()]
        if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
            raise forms.ValidationError(f"At most {MOST_TAGS}, of at most {LONGEST_TAG} characters each.")
        return tags


class TimedForm(forms.Form):
    """When a session is and for how long. `token` is of this very form."""

    token = forms.UUIDField(required=False, widget=forms.HiddenInput)
    started_at = WallClockField(label="Begins")
    minutes = forms.IntegerField(
        label="Length in minutes",
        min_value=1,
        max_value=LONGEST_MINUTES,
        initial=USUAL_MINUTES,
        error_messages={"required": "Say how long.", "invalid": "Give whole minutes."},
    )

    use_required_attribute = False

    def __init__(self, data: Mapping[str, object] | None = None, *, zone: ZoneInfo, **initial: Any) -> None:
        super().__init__(data, label_suffix="", initial={"token": uuid.uuid4(), **initial})
        self.zone = zone
        for name in self.clocks:
            self.fields[name].help_text = f"As clocks in {zone.key} show it."

    @classmethod
    def of(cls, session: Session, *, zone: ZoneInfo, data: Mapping[str, object] | None = None, **initial: Any) -> Any:
        """The form of a session that is there."""
        started_at = session.started_at.astimezone(zone).replace(tzinfo=None)
        length = {"minutes": session.duration_minutes} if session.duration_minutes else {}
        return cls(data, zone=zone, **{"started_at": started_at, **length, **initial})

    @property
    def clocks(self) -> list[str]:
        return [name for name, field in self.fields.items() if isinstance(field, WallClockField)]

    def clean(self) -> dict[str, Any]:
        """Times become moments; what no clock shows is named where it was typed."""
        cleaned = super().clean() or {}
        for name in self.clocks:
            typed = cleaned.get(name)
            if typed is None:
                continue
            if fault := why_not_shown(typed, self.zone):
                self.add_error(name, fault)
            else:
                cleaned[name] = moment_of(typed, self.zone)
                cleaned[f"{name}_is_twice"] = is_shown_twice(typed, self.zone)
        return cleaned

    @property
    def times(self) -> dict[str, Any]:
        started_at = self.cleaned_data["started_at"]
        return {"started_at": started_at, "ended_at": started_at + timedelta(minutes=self.cleaned_data["minutes"])}

    @property
    def is_twice(self) -> bool:
        """Whether the clock shows the beginning twice, an hour apart; the first is meant."""
        return bool(self.cleaned_data.get("started_at_is_twice"))

    def refuse(self, faults: Mapping[str, list[str]]) -> None:
        """What the verb refused, each fault at its field."""
        for path, messages in faults.items():
            field = "minutes" if path == "ended_at" else path
            for message in messages:
                self.add_error(field if field in self.fields else None, message)


class KindFields(forms.Form):
    session_type = forms.ChoiceField(
        label="Type",
        choices=Session.Type.choices,
        error_messages={"required": "Choose a type.", "invalid_choice": "Choose one from the list."},
    )
    modality = forms.ChoiceField(
        label="Held by",
        choices=Session.Modality.choices,
        error_messages={"required": "Choose how.", "invalid_choice": "Choose one from the list."},
    )

    @property
    def kind(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("session_type", "modality")}


class PlanForm(KindFields, TimedForm):
    field_order = ("token", "session_type", "modality", "started_at", "minutes")


class ReportForm(TimedForm):
    """How a session went."""

    mood_before = forms.IntegerField(
        label=f"Mood before, {LOWEST_MOOD} to {HIGHEST_MOOD}",
        required=False,
        min_value=LOWEST_MOOD,
        max_value=HIGHEST_MOOD,
    )
    mood_after = forms.IntegerField(
        label=f"Mood after, {LOWEST_MOOD} to {HIGHEST_MOOD}",
        required=False,
        min_value=LOWEST_MOOD,
        max_value=HIGHEST_MOOD,
    )
    summary = forms.CharField(
        label="Summary", required=False, max_length=LONGEST_TEXT, widget=forms.Textarea({"dir": "auto", "rows": 5})
    )
    topics = TagsField(label="Topics")
    interventions = TagsField(label="Interventions")
    homework = forms.CharField(
        label="Homework", required=False, max_length=LONGEST_TEXT, widget=forms.Textarea({"dir": "auto", "rows": 3})
    )
    next_session_at = WallClockField(label="Next session, if one is agreed", required=False)

    @property
    def report(self) -> dict[str, Any]:
        """As the verbs take it."""
        told = self.cleaned_data
        return {
            **self.times,
            **{
                name: told[name] for name in ("mood_before", "mood_after", "topics", "interventions", "next_session_at")
            },
            **{name: told[name] or None for name in ("summary", "homework")},
        }


class LogForm(KindFields, ReportForm):
    field_order = ("token", "session_type", "modality", "started_at", "minutes")
