"""What people fill in at the desk: its shape only, the verbs hold the rules."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django import forms

from apps.core.clock import now
from apps.crisis.models import Category, Disposition, Severity
from apps.crisis.policies import why_not_occurred
from apps.crisis.rules import Rules, spoken

# A flag is transferred by a handoff, together with the member.
BY_HAND = [choice for choice in Disposition.choices if choice[0] != Disposition.TRANSFERRED]


class ResolutionForm(forms.Form):
    disposition = forms.ChoiceField(
        choices=[("", "Choose what came of it"), *BY_HAND],
        widget=forms.Select(attrs={"autofocus": True}),
        error_messages={"required": "Choose what came of it.", "invalid_choice": "Choose one from the list."},
    )
    resolution = forms.CharField(widget=forms.Textarea, error_messages={"required": "Say how the crisis was resolved."})


class ActionForm(forms.Form):
    what = forms.CharField(
        widget=forms.Textarea(attrs={"autofocus": True, "rows": 4}),
        error_messages={"required": "Say what was done."},
    )


class EscalationForm(forms.Form):
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"autofocus": True, "rows": 4}),
        error_messages={"required": "Say why the next rung is called now."},
    )


class FlagForm(forms.Form):
    category = forms.ChoiceField(
        choices=[("", "Choose a category"), *Category.choices],
        error_messages={"required": "Choose a category.", "invalid_choice": "Choose one from the list."},
    )
    severity = forms.ChoiceField(
        choices=[("", "Choose a severity"), *reversed(Severity.choices)],
        error_messages={"required": "Choose a severity.", "invalid_choice": "Choose one from the list."},
    )
    description = forms.CharField(
        widget=forms.Textarea, error_messages={"required": "Say what was seen or said, in your own words."}
    )
    occurred_at = forms.DateTimeField(
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "Enter day and time as year-month-day hour:minute, such as 2030-05-31 14:05."},
    )

    def __init__(self, data: Mapping[str, object] | None = None, *, zone: ZoneInfo) -> None:
        super().__init__(data)
        self.zone = zone
        self.fields["occurred_at"].help_text = f"In {zone.key}. Leave it empty if it is happening now."

    def clean_occurred_at(self) -> datetime | None:
        """The moment at which the clock of the workplace shows what was typed."""
        typed: datetime | None = self.cleaned_data["occurred_at"]
        if typed is None:
            return None
        moment = typed.replace(tzinfo=self.zone)
        if fault := why_not_occurred(moment, now()):
            raise forms.ValidationError(fault)
        return moment

    def say_deadlines(self, rules: Rules) -> None:
        """Beside each severity, until when the tenant answers it."""
        due = {each: spoken(rules.respond_within_s[each]) for each in Severity.values}
        self.fields["severity"].widget.choices = [
            ("", "Choose a severity"),
            *((each.value, f"{each.label}: an answer within {due[each]}") for each in reversed(Severity)),
        ]
