"""The pages of handoffs that are under way or over: trays, one handoff, its packet, and the acts on it.

An act that came too late is answered with the handoff as it stands now and the reason in words; one that was sent twice
is answered as the first time.
"""

import uuid
from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.core.errors import Conflict, Invalid
from apps.handoffs import actions, policies, progress, reading, receiving, tray
from apps.handoffs.errors import HandoffNotFound
from apps.handoffs.forms import AcceptForm, DeclineForm, TrayForm, WithdrawForm, clinician_choices
from apps.handoffs.models import Handoff, HandoffQuerySet, PacketRead, Part
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.members.policies import reason_to_read

PAGE = 25


@page(roles=CLINICAL)
def inbox(request: PortalRequest) -> HttpResponse:
    return _tray(request, tray.seen_by(request.actor).incoming(request.actor.tenant_id), is_inbox=True)


@page(roles=CLINICAL)
def outbox(request: PortalRequest) -> HttpResponse:
    return _tray(request, tray.seen_by(request.actor).outgoing(request.actor.tenant_id), is_inbox=False)


def _tray(request: PortalRequest, found: HandoffQuerySet, *, is_inbox: bool) -> HttpResponse:
    form = TrayForm(request.GET)
    state = (form.cleaned_data["state"] if form.is_valid() else "") or "open"
    shown = Paginator(tray.standing(found, state).newest_first(), PAGE).get_page(request.GET.get("page"))
    lines = tray.lines_of(shown, request.actor)
    audit.record("handoff.listed", rows=tray.rows_of(lines), reason="handoff")
    template = "handoffs/tray.html#rows" if request.htmx.target == "rows" else "handoffs/tray.html"
    context = {"lines": lines, "page": shown, "form": form, "state": state, "is_inbox": is_inbox}
    return render(request, template, context)


@page(roles=CLINICAL)
def of_member(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = Assignment.objects.visible_to(request.actor).filter(person_id=member_id).first()
    if member is None:
        raise MemberNotFound
    found = tray.seen_by(request.actor).of_member(member_id).newest_first()[: PAGE * 4]
    lines = tray.lines_of(found, request.actor)
    under_way = next((line.handoff for line in lines if line.is_under_way and not line.is_incoming), None)
    refusal = policies.why_not_hand_off(request.actor, member) or policies.why_not_offer_another(under_way)
    reason = reason_to_read(request.actor, member)
    audit.record("handoff.listed", rows=tray.rows_of(lines), member_id=member_id, reason=reason)
    context = {"member": member, "member_id": member_id, "lines": lines, "under_way": under_way, "refusal": refusal}
    return render(request, "handoffs/of_member.html", context)


@page(roles=CLINICAL)
def detail(request: PortalRequest, handoff_id: uuid.UUID) -> HttpResponse:
    return _detail(request, _found(request, handoff_id))


@page(roles=CLINICAL, counts_as_sign_of_life=False)
def standing(request: PortalRequest, handoff_id: uuid.UUID) -> HttpResponse:
    """How it stands, which an open page asks for by itself; where that changed, the acts are renewed with it."""
    return _detail(request, _found(request, handoff_id), "handoff.watched", template="handoffs/detail.html#standing")


@page(roles=CLINICAL)
def packet(request: PortalRequest, handoff_id: uuid.UUID) -> HttpResponse:
    line = tray.line_of(_found(request, handoff_id), request.actor)
    opened = actions.read_packet(handoff_id=handoff_id)
    context = {
        "line": line,
        "packet": opened,
        "digest": bytes(opened.digest).hex(),
        "chapters": reading.chapters(opened.content),
        "left_out": reading.left_out(opened.exclusions),
    }
    return render(request, "handoffs/packet.html", context)


@page("POST", roles=CLINICAL)
def accept(request: PortalRequest, handoff_id: uuid.UUID) -> HttpResponse:
    form = AcceptForm(request.POST)
    return _act(
        request,
        handoff_id,
        form,
        Handoff.Status.ACCEPTED,
        lambda: actions.accept(handoff_id=handoff_id, clinician_id=form.cleaned_data["clinician"]),
    )


@page("POST", roles=CLINICAL)
def decline(request: PortalRequest, handoff_id: uuid.UUID) -> HttpResponse:
    form = DeclineForm(request.POST)
    return _act(
        request,
        handoff_id,
        form,
        Handoff.Status.DECLINED,
        lambda: actions.decline(handoff_id=handoff_id, reason=form.reason),
    )


@page("POST", roles=CLINICAL)
def complete(request: PortalRequest, handoff_id: uuid.UUID) -> HttpResponse:
    done = Handoff.Status.COMPLETED
    return _act(request, handoff_id, forms.Form({}), done, lambda: actions.complete(handoff_id=handoff_id))


@page("POST", roles=CLINICAL)
def cancel(request: PortalRequest, handoff_id: uuid.UUID) -> HttpResponse:
    form = WithdrawForm(request.POST)
    return _act(
        request,
        handoff_id,
        form,
        Handoff.Status.CANCELLED,
        lambda: actions.cancel(handoff_id=handoff_id, reason=form.cleaned_data["reason"]),
    )


SAID = {
    Handoff.Status.ACCEPTED: "Accepted. The sender is told; the member is assigned here.",
    Handoff.Status.DECLINED: "Declined. The sender reads your reason.",
    Handoff.Status.COMPLETED: "Completed. The member's care is here now.",
    Handoff.Status.CANCELLED: "Withdrawn. The receiver cannot open the packet any more.",
}


def _act(
    request: PortalRequest, handoff_id: uuid.UUID, form: forms.Form, done: Handoff.Status, verb: Callable[[], Handoff]
) -> HttpResponse:
    """Call the verb; `done` is the status that it brings about."""
    if not form.is_valid():
        return _detail(request, _found(request, handoff_id), form=form, status=422)
    try:
        verb()
    except Invalid as error:
        for fault in (fault for faults in error.fields.values() for fault in faults):
            form.add_error(None, fault)
        return _detail(request, _found(request, handoff_id), form=form, status=422)
    except Conflict as error:
        handoff = _found(request, handoff_id)
        if not _was_done_by(request, handoff, done):
            return _detail(request, handoff, form=form, refused=error.message, status=409)
    else:
        messages.success(request, SAID[done])
    return redirect("handoffs:detail", handoff_id)


def _was_done_by(request: PortalRequest, handoff: Handoff, done: Handoff.Status) -> bool:
    """Whether this person did just that already, as someone does who clicks twice."""
    steps = handoff.kept_steps or [{}]
    by = steps[-1].get("by")
    return steps[-1].get("status") == done and isinstance(by, dict) and by.get("id") == str(request.actor.id)


def _found(request: PortalRequest, handoff_id: uuid.UUID) -> Handoff:
    handoff = tray.seen_by(request.actor).filter(id=handoff_id).first()
    if handoff is None:
        raise HandoffNotFound
    return handoff


def _detail(
    request: PortalRequest,
    handoff: Handoff,
    action: str = "handoff.read",
    *,
    template: str = "handoffs/detail.html",
    form: forms.Form | None = None,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    line = tray.line_of(handoff, request.actor)
    tenant_id, at = request.actor.tenant_id, line.moment
    acts = progress.acts(handoff, tenant_id, at)
    receipts = PacketRead.objects.by_the_receiver(handoff).by_reader()
    audit.record(action, rows=[handoff.id], member_id=handoff.member_id, reason="handoff")
    context = {
        "line": line,
        "handoff": handoff,
        "story": progress.story(handoff, receipts, at),
        "acts": acts,
        "has_changed": "was" in request.GET and request.GET["was"] != line.status,
        "covered": [reading.NAMES[part] for part in Part.values if part in handoff.consent_scope],
        "not_covered": [reading.NAMES[part] for part in Part.values if part not in handoff.consent_scope],
        "closed": policies.why_not_read_context(handoff, tenant_id, at),
        "may_fail": progress.why_completing_may_fail(handoff, at) if line.is_under_way else "",
        "chart": _chart(request, line.member),
        "decline": form if isinstance(form, DeclineForm) else DeclineForm(),
        "withdraw": form if isinstance(form, WithdrawForm) else WithdrawForm(),
        "faults": [fault for faults in form.errors.values() for fault in faults] if form else [],
        "refused": refused,
    }
    if "accept" in acts:
        found = list(receiving.clinicians_of(tenant_id).only("id", "name"))
        context["clinicians"] = clinician_choices(found, request.actor.id)
    return render(request, template, context, status=status)


def _chart(request: PortalRequest, member: Assignment | None) -> Assignment | None:
    """The member, if this person may open the chart."""
    if member is None or not member.is_current():
        return None
    actor = request.actor
    return member if member.primary_clinician_id in actor.reach or member.person_id in actor.opened else None
