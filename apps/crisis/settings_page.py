"""The administrator's page of the crisis response: wording, deadlines and ladder."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.forms.boundfield import BoundField
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.pages import PortalRequest, Role, page
from apps.core.errors import Invalid
from apps.crisis import rules as bounds
from apps.crisis import settings
from apps.crisis.errors import StaleCrisisSettings
from apps.crisis.models import CrisisSettings
from apps.crisis.rules import DEFAULT_RULES, DEFAULT_WORDING, HOUR, LADDER, MINUTE, SEVERITIES, Rules, rules_of, spoken

# Those who are called after the clinician, in the words of the page.
RUNGS = (
    ("covering", "Whoever covers: the other clinicians"),
    ("supervisor", "The clinician's supervisor"),
    ("vendor_lead", "The vendor lead: your administrators"),
    ("operator", "The operator of the platform"),
)
LABELS = {"respond": "Answer within", "resolve": "Then an outcome within"}
# The first answer to the two gravest is told in minutes, everything else in hours.
UNITS = {
    **{f"respond_{severity}": MINUTE if severity in ("critical", "high") else HOUR for severity in SEVERITIES},
    **{f"resolve_{severity}": HOUR for severity in SEVERITIES},
}


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Until when one severity is answered, and from then on resolved."""

    severity: str
    fields: tuple[BoundField, BoundField]


class SettingsForm(forms.Form):
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    wording = forms.CharField(
        label="What to do, in your own words",
        strip=False,
        max_length=bounds.LONGEST_WORDING,
        widget=forms.Textarea(attrs={"dir": "auto", "rows": 16}),
        error_messages={"required": "Say what is to be done. This text is never blank: it is read first."},
    )
    ladder = forms.MultipleChoiceField(
        label="Who is called, one after the other",
        choices=RUNGS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the list."},
    )

    use_required_attribute = False

    def __init__(self, kept: CrisisSettings, data: Mapping[str, object] | None = None) -> None:
        rules = rules_of(kept.rules)
        initial = {"version": kept.version, "wording": kept.wording, "ladder": list(rules.ladder)}
        super().__init__(data, label_suffix="", initial=initial)
        for kind, within, longest in (
            ("respond", rules.respond_within_s, bounds.LONGEST_TO_RESPOND),
            ("resolve", rules.resolve_within_s, bounds.LONGEST_TO_RESOLVE),
        ):
            for severity in SEVERITIES:
                name = f"{kind}_{severity}"
                self.fields[name] = _deadline(name, within[severity], longest[severity])

    @property
    def deadlines(self) -> Iterator[Deadlines]:
        for severity in SEVERITIES:
            yield Deadlines(severity, (self[f"respond_{severity}"], self[f"resolve_{severity}"]))

    def clean_wording(self) -> str:
        return str(self.cleaned_data["wording"]).replace("\r\n", "\n").replace("\r", "\n")

    @property
    def rules(self) -> Rules:
        seconds = {name: self.cleaned_data[name] * unit for name, unit in UNITS.items()}
        chosen = {LADDER[0], *self.cleaned_data["ladder"]}
        return Rules(
            respond_within_s={severity: seconds[f"respond_{severity}"] for severity in SEVERITIES},
            resolve_within_s={severity: seconds[f"resolve_{severity}"] for severity in SEVERITIES},
            ladder=tuple(rung for rung in LADDER if rung in chosen),
        )


def _deadline(name: str, seconds: int, longest: int) -> forms.IntegerField:
    unit = "minutes" if UNITS[name] == MINUTE else "hours"
    return forms.IntegerField(
        label=f"{LABELS[name.partition('_')[0]]}, in {unit}",
        initial=seconds // UNITS[name],
        min_value=1,
        max_value=100_000,
        help_text=f"At most {longest // UNITS[name]}",
        widget=forms.NumberInput({"inputmode": "numeric"}),
        error_messages={
            "required": f"Give a number of {unit}.",
            "invalid": f"Give a whole number of {unit}.",
            "min_value": f"Give at least one of the {unit}.",
            "max_value": f"That is far more than the {longest // UNITS[name]} {unit} that are safe.",
        },
    )


@page("GET", "POST", roles={Role.ADMIN}, protected=False)
def crisis_settings(request: PortalRequest) -> HttpResponse:
    kept = settings.settings_of(request.actor.tenant_id)
    form, status, theirs = SettingsForm(kept, request.POST if request.method == "POST" else None), 200, None
    if form.is_bound:
        status = 422
        try:
            if _changed(form):
                messages.success(request, "Saved. Flags that are raised from now on go by it.")
                return redirect("crisis:settings")
        except StaleCrisisSettings:
            status, theirs = 409, kept
            form = SettingsForm(kept, {**_lists(request), "version": kept.version})
    context = {
        "form": form,
        "kept": kept,
        "theirs": theirs,
        "default_wording": DEFAULT_WORDING,
        "default_ladder": DEFAULT_RULES.ladder,
        "shortest": (spoken(bounds.SHORTEST_TO_RESPOND), spoken(bounds.SHORTEST_TO_RESOLVE)),
    }
    return render(request, "crisis/settings.html", context, status=status)


def _changed(form: SettingsForm) -> bool:
    """False when something is wrong with the form, which it then says."""
    if not form.is_valid():
        return False
    sent = form.cleaned_data
    try:
        settings.change(version=sent["version"], wording=sent["wording"], rules=form.rules)
    except Invalid as refused:
        for field, reasons in (refused.fields or {}).items():
            for reason in reasons:
                form.add_error(field, reason)
        return False
    return True


def _lists(request: PortalRequest) -> dict[str, object]:
    return {**request.POST.dict(), "ladder": request.POST.getlist("ladder")}
