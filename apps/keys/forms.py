"""What an administrator fills in about keys: its shape only, the verbs hold the rules."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms

from apps.core.clock import now
from apps.core.ids import uuid7
from apps.keys.models import SCOPES

# What each opens, as the contract of the Vendor API has it, by what it is about.
EXPLAINED: Mapping[str, Mapping[str, str]] = {
    "Members": {"members:read": "Read members: names, contact, birth dates, risk, status"},
    "Care": {
        "sessions:read": "Read sessions, care context, intelligence, handoffs and events",
        "sessions:write": "Log sessions, change care context, manage handoffs",
    },
    "Clinical notes": {
        "notes:read": "Read clinical notes, psychotherapy notes among them",
        "notes:write": "Write, sign and amend clinical notes",
    },
    "Assessments": {
        "assessments:read": "Read assessments with every answer",
        "assessments:write": "Record assessments; a positive suicide item opens a crisis flag",
    },
    "Crisis flags": {
        "crisis:read": "Read crisis flags",
        "crisis:write": "Raise crisis flags",
    },
}
OVERLAPS = {
    "0": "None: the old key dies now",
    "3600": "1 hour",
    "86400": "1 day",
    "259200": "3 days",
    "604800": "7 days",
}
LAST_YEAR = 2200


class ScopesField(forms.MultipleChoiceField):
    """Boxes to tick, in groups: read by `KeyForm.groups`."""

    def __init__(self) -> None:
        super().__init__(
            choices=[(scope, scope) for scope in SCOPES],
            error_messages={
                "required": "Tick at least one: a key without a scope opens nothing.",
                "invalid_choice": "There is no scope %(value)s.",
            },
        )


class KeyForm(forms.Form):
    """A key to be made, which has the form's `token` for its id, so that sending it twice makes one.

    `worlds` are those open to the administrator; days end in the `zone` of the workplace.
    """

    token = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        max_length=100,
        label="Name",
        help_text="What uses it, such as “Scheduling sync, production”. Shown in lists and in the audit.",
        error_messages={"required": "Say what will use this key.", "max_length": "At most 100 characters."},
    )
    world = forms.ChoiceField(label="World", widget=forms.RadioSelect)
    scopes = ScopesField()
    expires_on = forms.DateField(
        required=False,
        label="Last day",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="It works until the end of this day. Leave it empty for a key that does not expire.",
        error_messages={"invalid": "Give a day, such as 2027-01-31."},
    )
    networks = forms.CharField(
        required=False,
        max_length=4_000,
        strip=False,
        label="Networks",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text="One to a line, as CIDR, such as 203.0.113.0/24. Leave it empty for a key that works from anywhere.",
        error_messages={"max_length": "That is too much; give fewer and wider networks."},
    )

    def __init__(self, data: Mapping[str, object] | None, *, worlds: Iterable[str], zone: str) -> None:
        names = {"live": "Live: real members", "sandbox": "Sandbox: made-up members"}
        choices = [(world, names[world]) for world in worlds]
        self.zone = ZoneInfo(zone)
        suggested = now().astimezone(self.zone).date() + timedelta(days=365)
        initial = {"token": uuid7(), "world": choices[0][0], "expires_on": suggested}
        super().__init__(data, initial=initial, label_suffix="")
        self.fields["world"].choices = choices  # type: ignore[attr-defined]

    def groups(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """The scopes by what they are about: each with what it opens, and whether it is ticked."""
        ticked = self["scopes"].value() or []
        return [
            (about, [(scope, words, scope in ticked) for scope, words in scopes.items()])
            for about, scopes in EXPLAINED.items()
        ]

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day and day.year > LAST_YEAR:
            raise forms.ValidationError(f"Give a day until {LAST_YEAR}.")
        return day

    def expires_at(self) -> datetime | None:
        day: date | None = self.cleaned_data["expires_on"]
        return datetime.combine(day, time(23, 59, 59), self.zone) if day else None

    def networks_by_line(self) -> list[tuple[int, str]]:
        """The lines that say something, with their numbers from 1."""
        lines = enumerate(self.cleaned_data["networks"].splitlines(), start=1)
        return [(number, line.strip()) for number, line in lines if line.strip()]

    def add_faults(self, fields: Mapping[str, Sequence[str]]) -> None:
        """What the verb found wrong, at the field that it is about; networks by their line."""
        lines = self.networks_by_line()
        for path, messages in fields.items():
            name, _, place = path.partition(".")
            at = {"expires_at": "expires_on"}.get(name, name)
            for message in messages:
                said = f"Line {lines[int(place)][0]}: {message}" if place else message
                self.add_error(at if at in self.fields else None, said)


class RotationForm(forms.Form):
    overlap = forms.TypedChoiceField(
        choices=list(OVERLAPS.items()),
        coerce=lambda seconds: timedelta(seconds=int(seconds)),
        initial="86400",
        label="The old key lives on for",
        error_messages={"required": "Choose how long.", "invalid_choice": "Choose one from the list."},
    )
