"""The crisis desk: who waits for an answer, and the acts on each flag."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.crisis import actions, escalation
from apps.crisis.desk import Line, flags_of, line_for, lines_for, lines_of, newest, unanswered
from apps.crisis.errors import WrongFlagState
from apps.crisis.forms import ActionForm, EscalationForm, FlagForm, ResolutionForm
from apps.crisis.policies import why_not_act, why_not_resolve
from apps.crisis.rules import rules_of
from apps.crisis.settings import settings_of
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.members.policies import by_reason, reason_to_read
from apps.tenants.context import current_work

PAGE = 10
WATCH_IS_RECORDED_EVERY = timedelta(minutes=5)


@page(roles=CLINICAL)
def desk(request: PortalRequest) -> HttpResponse:
    lines = lines_for(request.actor)
    _record("crisis.listed", lines)
    return render(
        request, "crisis/desk.html", {"lines": lines, "newest": newest(lines), "open_count": unanswered(lines)}
    )


@page(roles=CLINICAL, counts_as_sign_of_life=False)
def flags(request: PortalRequest) -> HttpResponse:
    """The list alone, which an open desk asks for by itself; what was raised after `since` is announced."""
    since = _instant(request.GET.get("since", ""))
    lines = lines_for(request.actor)
    _record_watched(lines)
    news = [line for line in lines if since is None or line.flag.created_at > since]
    context = {"lines": lines, "newest": newest(lines, since), "news": news, "open_count": unanswered(lines)}
    return render(request, "crisis/desk.html#watched", context)


@page("POST", roles=CLINICAL)
def acknowledge(request: PortalRequest, flag_id: uuid.UUID) -> HttpResponse:
    line_for(request.actor, flag_id)
    actions.acknowledge(flag_id=flag_id)
    if not request.htmx:
        return redirect("crisis:desk")
    return render(request, "crisis/desk.html#row", {"line": line_for(request.actor, flag_id), "is_alone": True})


@page("GET", "POST", roles=CLINICAL)
def act(request: PortalRequest, flag_id: uuid.UUID) -> HttpResponse:
    line = line_for(request.actor, flag_id)
    form = ActionForm(request.POST if request.method == "POST" else None, auto_id=f"%s-act-{flag_id}")
    if not form.is_valid():
        return _asked(request, line, form, "crisis/act.html", why_not_act(line.flag))
    actions.act(flag_id=flag_id, **form.cleaned_data)
    return _done(request, flag_id, "Kept with the flag")


@page("GET", "POST", roles=CLINICAL)
def escalate(request: PortalRequest, flag_id: uuid.UUID) -> HttpResponse:
    line = line_for(request.actor, flag_id)
    form = EscalationForm(request.POST if request.method == "POST" else None, auto_id=f"%s-escalate-{flag_id}")
    if not form.is_valid():
        return _asked(request, line, form, "crisis/escalate.html", line.why_not_escalate)
    escalation.escalate(flag_id=flag_id, **form.cleaned_data)
    return _done(request, flag_id, "The next rung is called")


@page("GET", "POST", roles=CLINICAL)
def resolve(request: PortalRequest, flag_id: uuid.UUID) -> HttpResponse:
    line = line_for(request.actor, flag_id)
    form = ResolutionForm(request.POST if request.method == "POST" else None, auto_id=f"%s-{flag_id}")
    if not form.is_valid():
        return _asked(request, line, form, "crisis/resolve.html", why_not_resolve(line.flag))
    actions.resolve(flag_id=flag_id, **form.cleaned_data)
    if request.htmx:
        return render(request, "crisis/resolve.html#resolved", {"line": line})
    return redirect("crisis:desk")


def _asked(request: PortalRequest, line: Line, form: Form, template: str, refusal: str | None) -> HttpResponse:
    """The form of an act on a flag, empty or with what is missing from it."""
    if refusal:
        raise WrongFlagState(refusal)
    reason = reason_to_read(request.actor, line.member)
    audit.record("crisis.read", rows=[line.flag.id], member_id=line.flag.member_id, reason=reason)
    status = 422 if form.is_bound else 200
    return render(
        request, f"{template}#form" if request.htmx else template, {"line": line, "form": form}, status=status
    )


def _done(request: PortalRequest, flag_id: uuid.UUID, told: str) -> HttpResponse:
    """Back at the desk; htmx gets the row anew and a word in the place of the form."""
    if not request.htmx:
        messages.success(request, f"{told}.")
        return redirect("crisis:desk")
    return render(
        request, "crisis/desk.html#done", {"line": line_for(request.actor, flag_id), "told": told, "is_oob": True}
    )


@page("GET", "POST", roles=CLINICAL)
def raise_on_member(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = Assignment.objects.visible_to(request.actor).filter(person_id=member_id).first()
    if member is None:
        raise MemberNotFound
    zone = ZoneInfo(request.workplace.timezone)
    form = FlagForm(request.POST if request.method == "POST" else None, zone=zone)
    if form.is_valid():
        actions.raise_flag(member_id=member_id, **form.cleaned_data)
        messages.success(request, "The flag is raised and waits for an answer.")
        return redirect("crisis:desk")
    form.say_deadlines(rules_of(settings_of(request.actor.tenant_id).rules))
    audit.record("member.read", rows=[member.id], member_id=member_id, reason=reason_to_read(request.actor, member))
    status = 422 if form.is_bound else 200
    return render(request, "crisis/raise.html", {"member": member, "form": form}, status=status)


@page(roles=CLINICAL)
def of_member(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    """All that was ever raised on one member, with what was done and what came of it."""
    member = Assignment.objects.visible_to(request.actor).require(member_id)
    flags = Paginator(flags_of(request.actor, member_id), PAGE).get_page(request.GET.get("page"))
    reason = reason_to_read(request.actor, member)
    audit.record("crisis.listed", rows=[flag.id for flag in flags], member_id=member_id, reason=reason)
    context = {"member": member, "flags": flags, "lines": lines_of(member, list(flags))}
    template = "crisis/of_member.html#rows" if request.htmx.target == "rows" else "crisis/of_member.html"
    return render(request, template, context)


def _record(action: str, lines: Sequence[Line]) -> None:
    """What was read of whom, by each reason to read it."""
    for reason, rows in by_reason(current_work().actor, [(line.member, line.flag.id) for line in lines]).items():
        audit.record(action, rows=rows, reason=reason)


def _record_watched(lines: Sequence[Line]) -> None:
    """As `_record`, but the same flags in the same states are on record once in a while, not four times a minute."""
    states = {line.flag.id: f"{line.flag.status}.{line.flag.escalation_level}" for line in lines}
    for reason, rows in by_reason(current_work().actor, [(line.member, line.flag.id) for line in lines]).items():
        details = {"states": [states[row] for row in rows]}
        audit.record_once("crisis.watched", rows=rows, within=WATCH_IS_RECORDED_EVERY, reason=reason, details=details)


def _instant(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and found.tzinfo else None
