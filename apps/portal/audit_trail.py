"""The audit in the browser: who did what, found by person, action, member, period, reason and door; and as a file.

It stands here and not with its tables, since whose names a person chooses from is the accounts' and keys' matter.
Reading it is itself recorded.
"""

import uuid
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from apps.accounts.models import Membership, User
from apps.accounts.pages import PortalRequest, page
from apps.audit import chain, searching
from apps.audit import recording as audit
from apps.audit.models import Place, Record
from apps.audit.searching import Wanted
from apps.core.actor import SYSTEM_ID
from apps.core.clock import now
from apps.core.errors import Conflict, Invalid
from apps.doors.spreadsheet import as_csv
from apps.keys.models import APIKey
from apps.portal.audit_proof import last_check

READERS = frozenset({Membership.Role.ADMIN, Membership.Role.AUDITOR})
PAGE = 50
MOST_EXPORTED = 10_000
USUAL_PERIOD = timedelta(days=30)
DOORS = {"": "Any door", "portal": "Portal", "api_vendor": "Vendor API", "command": "Command", "beat": "Clock"}
REASONS = (
    "administration", "assignment", "break_glass", "escalation", "handoff", "no_relationship", "onboarding", "operator",
    "sign_in",
)  # fmt: skip
HEAD = (
    "time (UTC)", "actor kind", "actor", "actor id", "action", "rows", "member id", "reason", "door", "address",
    "request id", "details",
)  # fmt: skip


class TooMuchToExport(Conflict):
    code = "too_much_to_export"


def _code(label: str, suggestions: str) -> forms.RegexField:
    typed_in = forms.TextInput(attrs={"list": suggestions, "autocomplete": "off", "spellcheck": "false"})
    told = {"invalid": "Choose one from the list, such as note.signed or break_glass."}
    return forms.RegexField(
        r"\A[a-z_]+(\.[a-z_]+)?\Z", max_length=60, required=False, label=label, widget=typed_in, error_messages=told
    )


class AuditForm(forms.Form):
    """What is looked for. Days are those of the workplace's zone; both are part of the period."""

    who = forms.UUIDField(required=False, label="Person or key", widget=forms.Select)
    action = _code("Action", "actions")
    member = forms.UUIDField(
        required=False, label="Member id", error_messages={"invalid": "Give a whole id, as the list shows it."}
    )
    start = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label="Until", widget=forms.DateInput(attrs={"type": "date"}))
    reason = _code("Reason", "reasons")
    door = forms.ChoiceField(choices=list(DOORS.items()), required=False, label="Door")

    def __init__(self, asked: QueryDict, *, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        today = now().astimezone(self.zone).date()
        data = asked.copy()
        data.setdefault("start", str(today - USUAL_PERIOD))
        data.setdefault("end", str(today))
        super().__init__(data, label_suffix="")

    def wanted(self) -> Wanted:
        """What the form asks for; `Invalid` with words where that is too much."""
        asked = self.cleaned_data
        names = {"who": "actor_id", "action": "action", "member": "member_id", "reason": "reason", "door": "door"}
        return Wanted(
            start=self._midnight(asked["start"]),
            end=self._midnight(asked["end"] + timedelta(days=1)),
            like={column: asked[name] for name, column in names.items() if asked[name]},
        )

    def clean(self) -> dict[str, object]:
        cleaned: dict[str, object] = super().clean() or {}
        if not self.errors and (refusal := self.wanted().why_not()):
            raise forms.ValidationError(refusal)
        return cleaned

    def clean_start(self) -> date:
        return self._within_reason("start")

    def clean_end(self) -> date:
        return self._within_reason("end")

    def _within_reason(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if not 2000 <= day.year <= 2200:
            raise forms.ValidationError("Give a day from 2000 to 2200.")
        return day

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def name_people(self, people: list[tuple[uuid.UUID, str]]) -> None:
        """Whom one may choose; also whoever was asked for, as someone of the operator may be."""
        listed = [("", "Anyone"), *((str(known), name) for known, name in people)]
        asked = self["who"].value() or ""
        if asked and asked not in dict(listed):
            listed.append((asked, asked))
        self.fields["who"].widget.choices = listed


@page(roles=READERS)
def trail(request: PortalRequest) -> HttpResponse:
    form = AuditForm(request.GET, zone=request.workplace.timezone)
    records: list[Record] = []
    older: Place | None = None
    if form.is_valid():
        before = Place.read(request.GET.get("before", ""))
        records, older = searching.page_of(form.wanted(), before=before, count=PAGE)
    audit.record("audit.read", rows=[record.id for record in records], reason="administration", details=_asked(form))
    kept = request.GET.copy()
    kept.pop("before", None)
    context: dict[str, object] = {
        "form": form,
        "records": _with_door(records),
        "older": older,
        "kept": kept.urlencode(),
    }
    if request.htmx.target == "rows":
        return render(request, "audit/trail.html#rows", context)
    form.name_people(_people())
    context |= {"actions": searching.actions_there_are(), "reasons": REASONS, "most": MOST_EXPORTED}
    context |= {"seal": chain.newest_seal(), "check": last_check()}
    return render(request, "audit/trail.html", context, status=200 if form.is_valid() else 422)


@page("POST", roles=READERS)
def export(request: PortalRequest) -> HttpResponse:
    """What was found, as a file; refused where it is too much for one."""
    form = AuditForm(request.POST, zone=request.workplace.timezone)
    if not form.is_valid():
        raise Invalid("This can't be exported: look at the filters again.", fields=_faults(form))
    records = list(searching.matching(form.wanted())[: MOST_EXPORTED + 1])
    if len(records) > MOST_EXPORTED:
        raise TooMuchToExport(
            f"More than {MOST_EXPORTED:,} records match. Choose a shorter period or another filter, and export in parts."
        )
    details = _asked(form) | {"records": len(records)}
    audit.record("audit.exported", rows=[request.workplace.id], reason="administration", details=details)
    return as_csv(f"audit-{now():%Y%m%d-%H%M%S}", HEAD, (_cells(record) for record in records))


def _with_door(records: list[Record]) -> list[tuple[Record, str]]:
    return [(record, DOORS.get(record.door, record.door)) for record in records]


def _cells(record: Record) -> tuple[object, ...]:
    return (
        record.occurred_at.isoformat(timespec="microseconds"),
        record.actor_kind,
        record.actor_name,
        record.actor_id,
        record.action,
        " ".join(str(row) for row in record.rows),
        record.member_id or "",
        record.reason,
        record.door,
        record.address,
        record.request_id,
        record.details,
    )


def _asked(form: AuditForm) -> dict[str, object]:
    """The filters as ids, codes and days; nothing where they are not valid."""
    if not form.is_valid():
        return {}
    return {name: str(value) for name, value in form.cleaned_data.items() if value}


def _faults(form: AuditForm) -> dict[str, list[str]]:
    return {name: [str(fault) for fault in faults] for name, faults in form.errors.items()}


def _people() -> list[tuple[uuid.UUID, str]]:
    """Who may have done something here: staff of now and before, keys, the platform itself."""
    staff = list(User.objects.order_by("name").values_list("id", "name"))
    keys = [(key.id, f"{key.name} ({key.shown}…)") for key in APIKey.objects.newest_first().only("name", "shown")]
    return [*staff, *keys, (SYSTEM_ID, "Throughline itself")]
