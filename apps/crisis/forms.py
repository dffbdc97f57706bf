"""What people fill in at the desk: its shape only, the verbs hold the rules."""

from django import forms

from apps.crisis.models import Category, Disposition, Severity

# A flag is transferred by a handoff, together with the member.
BY_HAND = [choice for choice in Disposition.choices if choice[0] != Disposition.TRANSFERRED]
DUE = {
    Severity.CRITICAL: "an answer within 15 minutes",
    Severity.HIGH: "an answer within 1 hour",
    Severity.MODERATE: "an answer within 24 hours",
    Severity.LOW: "an answer within 72 hours",
}


class ResolutionForm(forms.Form):
    disposition = forms.ChoiceField(
        choices=[("", "Choose what came of it"), *BY_HAND],
        widget=forms.Select(attrs={"autofocus": True}),
        error_messages={"required": "Choose what came of it.", "invalid_choice": "Choose one from the list."},
    )
    resolution = forms.CharField(widget=forms.Textarea, error_messages={"required": "Say how the crisis was resolved."})


class FlagForm(forms.Form):
    category = forms.ChoiceField(
        choices=[("", "Choose a category"), *Category.choices],
        error_messages={"required": "Choose a category.", "invalid_choice": "Choose one from the list."},
    )
    severity = forms.ChoiceField(
        choices=[("", "Choose a severity"), *((each, f"{each.label}: {DUE[each]}") for each in reversed(Severity))],
        error_messages={"required": "Choose a severity.", "invalid_choice": "Choose one from the list."},
    )
    description = forms.CharField(
        widget=forms.Textarea, error_messages={"required": "Say what was seen or said, in your own words."}
    )
