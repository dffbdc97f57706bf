"""The timeline of one member: what happened at this workplace, newest first, each with the way to it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.core.errors import Invalid
from apps.events import feed
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.notes.models import Note, name_of_type

PAGE = 25
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "crisis": ("Crisis", ("crisis.flagged", "crisis.acknowledged", "crisis.escalated", "crisis.resolved")),
    "risk": ("Risk", ("risk.changed",)),
    "sessions": ("Sessions", ("session.logged",)),
    "notes": ("Notes", ("note.created", "note.signed")),
    "measures": ("Measures", ("assessment.completed",)),
    "care_context": ("Care context", ("care_context.updated",)),
    "handoffs": (
        "Handoffs",
        tuple(f"handoff.{what}" for what in ("created", "accepted", "declined", "completed", "cancelled", "expired")),
    ),
    "care": ("Beginning and end", ("member.assigned", "member.unassigned")),
}
TITLES = {
    "member.assigned": "Care began here",
    "member.unassigned": "Care ended here",
    "session.logged": "Session",
    "note.created": "Note written",
    "note.signed": "Note signed",
    "care_context.updated": "Care context changed",
    "assessment.completed": "Measure taken",
    "crisis.flagged": "Crisis flag raised",
    "crisis.acknowledged": "Crisis flag taken on",
    "crisis.escalated": "Crisis flag escalated",
    "crisis.resolved": "Crisis flag resolved",
    "handoff.created": "Handoff offered",
    "handoff.accepted": "Handoff accepted",
    "handoff.declined": "Handoff declined",
    "handoff.completed": "Handoff completed",
    "handoff.cancelled": "Handoff cancelled",
    "handoff.expired": "Handoff expired",
    "risk.changed": "Risk changed",
}
# A session by what became of it, or else by its state.
SESSIONS = {
    "scheduled": "Session planned",
    "started": "Session started",
    "rescheduled": "Session moved",
    "no_show": "Session missed",
    "cancelled": "Session cancelled",
}
# The route of what an event is about, and where in its data that is named; the pages of a whole member name nothing.
WAYS: dict[str, tuple[str, str]] = {
    "session": ("care_sessions:read", "session_id"),
    "note": ("notes:read", "note_id"),
    "assessment": ("assessments:read", "assessment_id"),
    "care_context": ("care_context:read", ""),
    "crisis": ("crisis:of_member", ""),
}


class Wish(forms.Form):
    """Which of the events. What makes no sense is left out."""

    kind = forms.ChoiceField(
        choices=[("", "Everything"), *((code, KINDS[code][0]) for code in KINDS)], required=False, label="Show"
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One event. `level` is a severity where it has one; `url` is empty where there is no page of it."""

    title: str
    told: str
    level: str
    at: datetime
    by: str
    url: str


@page(roles=CLINICAL)
def timeline(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = Assignment.objects.visible_to(request.actor).require(member_id)
    wish = Wish(request.GET)
    kind = wish.cleaned_data.get("kind", "") if wish.is_valid() else ""
    reason = reason_to_read(request.actor, member)
    rows = feed.timeline(
        request.actor.tenant_id,
        member_id,
        _cursor(request.GET.get("before", "")),
        limit=PAGE + 1,
        types=KINDS[kind][1] if kind else (),
        leaving_out={"note_type": Note.Type.PSYCHOTHERAPY} if reason == "break_glass" else None,
    )
    shown = rows[:PAGE]
    audit.record("timeline.read", rows=[row[0] for row in shown], member_id=member_id, reason=reason)
    context = {
        "member": member,
        "wish": wish,
        "kind": kind,
        "lines": [line_of(row) for row in shown],
        "older": shown[-1][0] if len(rows) > PAGE else None,
        "is_first": not request.GET.get("before"),
    }
    template = "portal/timeline.html#lines" if request.htmx.target == "lines" else "portal/timeline.html"
    return render(request, template, context)


def line_of(row: feed.Row) -> Line:
    _, kind, member_id, occurred_at, actor, data = row
    told: dict[str, Any] = msgspec.json.decode(data)
    return Line(
        title=_title(kind, told),
        told=_told(kind, told),
        level=_level(kind, told),
        at=occurred_at,
        by=msgspec.json.decode(actor)["name"],
        url=_url(kind, member_id, told),
    )


def _title(kind: str, data: Mapping[str, Any]) -> str:
    if kind == "session.logged":
        return SESSIONS.get(data.get("change") or data["status"]) or TITLES[kind]
    return TITLES.get(kind) or kind


def _told(kind: str, data: Mapping[str, Any]) -> str:
    """The codes of the event, in words."""
    match kind.partition(".")[0]:
        case "session":
            length = f", {data['duration_minutes']} min" if data.get("duration_minutes") else ""
            return f"{_words(data['session_type'])}, {_words(data['modality'])}, {_words(data['status'])}{length}"
        case "note":
            return f"{name_of_type(data['note_type'])}{', addendum' if data.get('addendum_to') else ''}"
        case "assessment":
            return f"{_words(data['instrument'])}: {data['score']:g} of {data['max_score']:g}{_change(data)}"
        case "crisis":
            then = data.get("disposition") or data.get("reached") or ""
            return f"{_words(data['category'])}{f', {_words(then)}' if then else ''}"
        case "handoff":
            return f"{_words(data['handoff_type'])}, {_words(data['urgency'])}"
        case "risk":
            return f"from {data['from']} to {data['to']}, {data['risk_score']} of 100 points"
        case "care_context":
            return f"version {data['version']}"
    return ""


def _change(data: Mapping[str, Any]) -> str:
    if data.get("change") is None:
        return ""
    return f", change {data['change']:+g}{' (reliable)' if data.get('reliable_change') else ''}"


def _level(kind: str, data: Mapping[str, Any]) -> str:
    if kind == "risk.changed":
        return str(data["to"])
    return str(data.get("severity", "")) if kind.startswith("crisis.") else ""


def _words(code: object) -> str:
    return str(code).replace("_", " ")


def _url(kind: str, member_id: uuid.UUID, data: Mapping[str, Any]) -> str:
    route, key = WAYS.get(kind.partition(".")[0], ("", ""))
    try:
        return reverse(route, args=[member_id, data[key]] if key else [member_id]) if route else ""
    except NoReverseMatch:
        return ""


def _cursor(text: str) -> uuid.UUID | None:
    try:
        return feed.read_cursor(text) if text else None
    except Invalid:
        return None
