"""The pages of co-signatures: what waits for mine, one note to co-sign or to return, and whose notes need whose."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.models import Membership
from apps.accounts.pages import PortalRequest, page
from apps.audit import recording as audit
from apps.core.actor import Actor
from apps.core.errors import DomainError
from apps.members.models import Assignment
from apps.members.policies import by_reason
from apps.notes import cosigning, policies
from apps.notes.forms import CosignForm, ReturnForm, RuleForm
from apps.notes.models import CosigningRule, CosignRequest
from apps.notes.policies import Clinician
from apps.notes.showing import Thread, thread_of
from apps.notes.views import record_reading

Role = Membership.Role
SUPERVISING = frozenset({Role.SUPERVISOR})
RULING = frozenset({Role.ADMIN, Role.SUPERVISOR})
MOST = 50


@dataclass(frozen=True, slots=True)
class Line:
    request: CosignRequest
    member: Assignment


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A clinician with the rule for their notes, if there is one, and what of theirs waits."""

    clinician: Clinician
    rule: CosigningRule | None
    waiting: int
    oldest: datetime | None
    last_day: date | None
    why_not: DomainError | None


def waiting_for(actor: Actor) -> int:
    """How many notes wait for the actor's co-signature whose members they see."""
    seen = Assignment.objects.visible_to(actor).values("person_id")
    return CosignRequest.objects.visible_to(actor).waiting().filter(note__member_id__in=seen).count()


@page(roles=SUPERVISING)
def to_cosign(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    seen = Assignment.objects.visible_to(actor)
    waiting = CosignRequest.objects.visible_to(actor).waiting()
    is_seen = Q(note__member_id__in=seen.values("person_id"))
    counted = waiting.aggregate(all=Count("id"), seen=Count("id", filter=is_seen))
    shown = list(waiting.filter(is_seen).select_related("note__session").defer("note__content").oldest_first()[:MOST])
    members = {each.person_id: each for each in seen.filter(person_id__in={each.note.member_id for each in shown})}
    lines = [Line(each, members[each.note.member_id]) for each in shown if each.note.member_id in members]
    for reason, rows in by_reason(actor, [(line.member, line.request.note_id) for line in lines]).items():
        audit.record("note.listed", rows=rows, reason=reason)
    context = {"lines": lines, "total": counted["seen"], "closed": counted["all"] - counted["seen"], "most": MOST}
    return render(request, "notes/to_cosign.html", context)


@page("GET", "POST", roles=SUPERVISING)
def cosign(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    thread = thread_of(request.actor, member_id, note_id)
    form = CosignForm(request.POST, label_suffix="") if request.method == "POST" else None
    if form and form.is_valid():
        signed = cosigning.cosign(note_id=note_id, read=form.cleaned_data["read"])
        messages.success(request, "Co-signed." if len(signed) == 1 else f"Co-signed, {len(signed)} in all.")
        return redirect("note_work:to_cosign")
    return _cosigning(request, thread, form, None)


@page("POST", roles=SUPERVISING)
def return_note(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    thread = thread_of(request.actor, member_id, note_id)
    form = ReturnForm(request.POST, label_suffix="")
    if form.is_valid():
        cosigning.return_for_addendum(note_id=note_id, comment=form.cleaned_data["comment"])
        messages.success(request, "Returned. It waits for you again once its author has added to it.")
        return redirect("note_work:to_cosign")
    return _cosigning(request, thread, None, form)


def _cosigning(
    request: PortalRequest, thread: Thread, cosign: CosignForm | None, returning: ReturnForm | None
) -> HttpResponse:
    note, asked = thread.first.note, thread.first.request
    mine = [each for each in thread.all if not policies.why_not_cosign(request.actor, each.note, each.request)]
    if not mine and (refusal := policies.why_not_cosign(request.actor, note, asked)):
        raise refusal
    record_reading(request.actor, thread)
    read = {"read": " ".join(str(each) for each in thread.signed)}
    context = {
        "member": thread.member,
        "thread": thread,
        "shown": thread.first,
        "form": cosign or CosignForm(label_suffix="", initial=read),
        "returning": returning or ReturnForm(label_suffix=""),
        "why_not_return": policies.why_not_return(request.actor, note, asked),
        "number": len(mine),
    }
    return render(request, "notes/cosign.html", context, status=422 if cosign or returning else 200)


@page("GET", "POST", roles=RULING, protected=False)
def rules(request: PortalRequest) -> HttpResponse:
    form = RuleForm(request.POST, label_suffix="") if request.method == "POST" else None
    if form and form.is_valid():
        sent = form.cleaned_data
        if sent["cosigner"] is None:
            cosigning.end_rule(clinician_id=sent["clinician"])
            messages.success(request, "Nothing more is asked for. What waits already goes on waiting.")
        else:
            ends_at = _end_of(sent["last_day"], request)
            cosigning.set_rule(
                clinician_id=sent["clinician"], cosigner_id=sent["cosigner"], share=sent["share"], ends_at=ends_at
            )
            messages.success(request, "Saved. It holds for what is signed from now on.")
        return redirect("note_work:cosigning")
    context = {"lines": _rule_lines(request), "form": form}
    return render(request, "notes/cosigning.html", context, status=422 if form else 200)


def _rule_lines(request: PortalRequest) -> list[RuleLine]:
    known = CosigningRule.objects.filter(tenant_id=request.actor.tenant_id).select_related("cosigner")
    rules = {rule.clinician_id: rule for rule in known.defer("cosigner__password")}
    waiting = cosigning.waiting_by_signer()
    lines = []
    for clinician in cosigning.clinicians():
        rule = rules.get(clinician.id)
        number, oldest = waiting.get(clinician.id, (0, None))
        last_day = _day_before(rule.ends_at, request) if rule and rule.ends_at else None
        why_not = policies.why_not_rule(request.actor, clinician, None)
        lines.append(RuleLine(clinician, rule, number, oldest, last_day, why_not))
    return lines


def _end_of(day: date | None, request: PortalRequest) -> datetime | None:
    """The midnight after that day, in the zone of the workplace."""
    zone = ZoneInfo(request.workplace.timezone)
    return datetime.combine(day + timedelta(days=1), time(), zone) if day else None


def _day_before(end: datetime, request: PortalRequest) -> date:
    return (end - timedelta(seconds=1)).astimezone(ZoneInfo(request.workplace.timezone)).date()
