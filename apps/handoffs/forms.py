"""The shape of what is sent to the pages of handoffs; the verbs hold the rules."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from apps.accounts.models import User
from apps.core.clock import now
from apps.handoffs.models import Handoff, Part
from apps.handoffs.policies import Consent
from apps.handoffs.reading import NAMES
from apps.handoffs.tray import STATES
from apps.tenants.models import Tenant

LONGEST_TEXT = 20_000
TYPES = (
    (Handoff.Type.TRANSFER, "Transfer: care moves there"),
    (Handoff.Type.REFERRAL, "Referral: asks for what we do not offer"),
    (Handoff.Type.STEP_UP, "Step up: needs more intensive care"),
    (Handoff.Type.STEP_DOWN, "Step down: needs less intensive care"),
    (Handoff.Type.COVERAGE, "Coverage: for a while, as nobody is here"),
    (Handoff.Type.WARM, "Warm: handed over in person"),
)
URGENCIES = (
    (Handoff.Urgency.ROUTINE, "Routine"),
    (Handoff.Urgency.URGENT, "Urgent: within days"),
    (Handoff.Urgency.EMERGENT, "Emergent: today"),
)
ANSWER_WITHIN = ((1, "1 day"), (3, "3 days"), (7, "7 days"), (14, "14 days"), (30, "30 days"))
PARTS = tuple((part, NAMES[part]) for part in Part.values)
WHY_DECLINED = (
    "No capacity at the moment",
    "Needs what we do not offer",
    "Outside of our area or of the hours we keep",
    "Not covered by the member's plan with us",
    "The packet does not tell enough to decide",
    "The member would rather not come to us",
)


class Day(forms.DateField):
    """A day of the centuries that a record can speak of."""

    def __init__(self, *, label: str, required: bool = True, missing: str = "") -> None:
        wrong = "Choose a day between 1900 and 2200."
        super().__init__(
            label=label,
            required=required,
            widget=forms.DateInput(attrs={"type": "date"}),
            validators=[MinValueValidator(date(1900, 1, 1), wrong), MaxValueValidator(date(2199, 12, 31), wrong)],
            error_messages={"required": missing, "invalid": "Write the day as year-month-day."},
        )


class Texts(forms.CharField):
    """Running text as it was typed, in any script; line ends as `\\n`, however the browser sends them."""

    def __init__(self, *, label: str, missing: str, rows: int = 5) -> None:
        typed_in = forms.Textarea(attrs={"dir": "auto", "rows": rows})
        words = {"required": missing, "max_length": f"At most {LONGEST_TEXT:,} characters fit here."}
        super().__init__(label=label, max_length=LONGEST_TEXT, widget=typed_in, error_messages=words)

    def to_python(self, value: object) -> str:
        return str(super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class ScopeForm(forms.Form):
    """What the member agreed to pass on. What makes no sense is left out."""

    scope = forms.MultipleChoiceField(choices=PARTS, required=False, widget=forms.CheckboxSelectMultiple)

    @property
    def chosen(self) -> list[str]:
        sent = self.data.getlist("scope") if hasattr(self.data, "getlist") else self.data.get("scope", [])
        return [part for part in Part.values if part in sent]


class ComposeForm(ScopeForm):
    """A handoff as it is written. Days are those of `zone`: a consent holds to the end of its last one."""

    to = forms.UUIDField(
        error_messages={"required": "Choose who is to receive the member.", "invalid": "Choose a vendor."}
    )
    handoff_type = forms.ChoiceField(
        label="What kind it is",
        choices=[("", "Choose a kind"), *TYPES],
        error_messages={"required": "Choose what kind of handoff it is."},
    )
    urgency = forms.ChoiceField(label="How urgent it is", choices=URGENCIES)
    within = forms.TypedChoiceField(label="Answer wanted within", choices=ANSWER_WITHIN, coerce=int)
    reason = Texts(label="Why the member is handed off", missing="Say why the member is handed off.", rows=3)
    clinical_summary = Texts(
        label="Clinical summary", missing="Tell the receiver in short what they need to know.", rows=8
    )
    shared_care = forms.BooleanField(label="We go on treating the member too (shared care)", required=False)
    obtained = forms.BooleanField(
        label="The member agreed to this handoff",
        error_messages={"required": "Without the member's consent nothing can be handed off."},
    )
    obtained_on = Day(label="Agreed on", missing="Say when the member agreed.")
    ends_on = Day(label="The consent holds through", required=False)

    def __init__(self, data: Mapping[str, object] | None = None, *, zone: ZoneInfo) -> None:
        self.zone = zone
        today = now().astimezone(zone).date().isoformat()
        initial = {"urgency": Handoff.Urgency.ROUTINE, "within": 7, "obtained_on": today}
        super().__init__(data, label_suffix="", initial=initial)

    @property
    def consent(self) -> Consent:
        sent = self.cleaned_data
        ends = sent["ends_on"]
        return Consent(
            obtained=sent["obtained"],
            obtained_at=self._midnight(sent["obtained_on"]),
            scope=frozenset(sent["scope"]),
            expires_at=self._midnight(ends + timedelta(days=1)) if ends else None,
        )

    @property
    def expires_at(self) -> datetime:
        return now() + timedelta(days=self.cleaned_data["within"])

    def refused(self, fields: Mapping[str, list[str]]) -> None:
        """Put what the domain refused beside the field that it is about."""
        own = {"to_vendor_id": "to", "consent.obtained_at": "obtained_on", "consent.expires_at": "ends_on"}
        for path, faults in fields.items():
            name = own.get(path, path.removeprefix("consent."))
            for fault in faults:
                self.add_error(name if name in self.fields else None, fault)

    def _midnight(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)


class FindForm(forms.Form):
    """Which vendors are looked for, by a part of their name."""

    vendor = forms.CharField(max_length=200, required=False, label="Receiving vendor")


class AcceptForm(forms.Form):
    clinician = forms.UUIDField(
        error_messages={"required": "Choose who is to treat the member.", "invalid": "Choose one."}
    )


class DeclineForm(forms.Form):
    """A reason from the list, words of one's own, or both: together they are the reason that the sender reads."""

    why = forms.ChoiceField(
        label="Why you decline",
        choices=[("", "Choose a reason"), *((each, each) for each in WHY_DECLINED)],
        required=False,
    )
    words = forms.CharField(
        label="In your own words",
        required=False,
        max_length=LONGEST_TEXT - 200,
        widget=forms.Textarea(attrs={"dir": "auto", "rows": 3}),
    )

    def clean(self) -> dict[str, object]:
        sent = super().clean() or {}
        if not self.errors and not (sent.get("why") or sent.get("words")):
            self.add_error("words", "Tell the sender why: choose a reason or write one.")
        return sent

    @property
    def reason(self) -> str:
        return ". ".join(part for part in (self.cleaned_data["why"], self.cleaned_data["words"]) if part)


class WithdrawForm(forms.Form):
    reason = Texts(label="Why you withdraw it", missing="Tell the receiver why you withdraw it.", rows=2)


class TrayForm(forms.Form):
    state = forms.ChoiceField(choices=STATES, required=False, label="Shown")


def vendor_choices(found: list[Tenant], chosen: Tenant | None) -> list[Tenant]:
    """The vendors to choose from, with the chosen one first wherever it was found."""
    return [*([chosen] if chosen else []), *(each for each in found if not chosen or each.id != chosen.id)]


def clinician_choices(found: list[User], own_id: uuid.UUID) -> list[User]:
    """Oneself first."""
    return sorted(found, key=lambda each: each.id != own_id)
