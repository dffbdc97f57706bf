"""Composing a handoff: the form, the vendors to choose from, and the packet as it would be sent.

The packet of the preview is gathered by the code that gathers the one that is sent. Without a script "Preview" and "Find"
are buttons of the form, and everything typed is there again.
"""

import uuid
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.handoffs import actions, offering, policies, progress, reading
from apps.handoffs import packet as packets
from apps.handoffs.errors import OpenHandoffExists
from apps.handoffs.forms import ComposeForm, FindForm, ScopeForm, vendor_choices
from apps.handoffs.models import Handoff
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.tenants.context import current_work
from apps.tenants.models import Tenant

MOST_VENDORS = 8


@page("GET", "POST", roles=CLINICAL)
def compose(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    zone = ZoneInfo(request.workplace.timezone)
    if request.POST.get("do") == "send":
        return _send(request, member_id, ComposeForm(request.POST, zone=zone))
    member = _member(request, member_id)
    if request.method == "POST":
        return _again(request, member, ComposeForm(request.POST, zone=zone))
    if under_way := _under_way(request, member_id):
        messages.info(request, "This member is being handed off already; here is how it stands.")
        return redirect("handoffs:detail", under_way.id)
    return _show(request, member, ComposeForm(zone=zone))


@page("POST", roles=CLINICAL)
def preview(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    """The packet alone, as the consent that is ticked would let it pass now."""
    member = _member(request, member_id)
    form = ScopeForm(request.POST)
    _record(member, form)
    return render(request, "handoffs/compose.html#preview", _packet(member, form))


@page(roles=CLINICAL)
def vendors(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    """The vendors whose name holds what was typed."""
    member = _member(request, member_id)
    reason = reason_to_read(request.actor, member)
    audit.record("member.read", rows=[member.id], member_id=member_id, reason=reason)
    return render(request, "handoffs/compose.html#vendors", _vendors(request, request.GET))


def _send(request: PortalRequest, member_id: uuid.UUID, form: ComposeForm) -> HttpResponse:
    if not form.is_valid():
        return _show(request, _member(request, member_id), form, status=422)
    try:
        handoff = _offer(member_id, form)
    except Invalid as error:
        form.refused(error.fields)
        return _show(request, _member(request, member_id), form, status=422)
    except OpenHandoffExists as error:
        under_way = _under_way(request, member_id)
        if under_way is None or not _is_from(form, under_way):
            member = _member(request, member_id)
            return _show(request, member, form, refused=error.message, under_way=under_way, status=409)
        handoff = under_way
    else:
        messages.success(request, "Sent. You see here when it is opened and answered.")
    address = reverse("handoffs:detail", args=[handoff.id])
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _offer(member_id: uuid.UUID, form: ComposeForm) -> Handoff:
    sent = form.cleaned_data
    return actions.offer(
        member_id=member_id,
        to_tenant_id=sent["to"],
        handoff_type=sent["handoff_type"],
        urgency=sent["urgency"],
        reason=sent["reason"],
        clinical_summary=sent["clinical_summary"],
        shared_care=sent["shared_care"],
        expires_at=form.expires_at,
        consent=form.consent,
    )


def _is_from(form: ComposeForm, handoff: Handoff) -> bool:
    """Whether the handoff says what the form says: then the form was sent twice."""
    sent, consent = form.cleaned_data, form.consent
    said = (handoff.to_tenant_id, handoff.consent_expires_at, frozenset(handoff.consent_scope))
    alike = ("handoff_type", "urgency", "reason", "clinical_summary", "shared_care")
    return said == (sent["to"], consent.expires_at, consent.scope) and all(
        getattr(handoff, name) == sent[name] for name in alike
    )


def _again(request: PortalRequest, member: Assignment, form: ComposeForm) -> HttpResponse:
    """The form with what was typed, and without complaints about what is not there yet."""
    form.full_clean()
    form.errors.clear()
    return _show(request, member, form)


def _show(
    request: PortalRequest,
    member: Assignment,
    form: ComposeForm,
    *,
    refused: str = "",
    under_way: Handoff | None = None,
    status: int = 200,
) -> HttpResponse:
    _record(member, form)
    context = {
        "member": member,
        "member_id": member.person_id,
        "form": form,
        "refused": refused,
        "under_way": under_way,
        **_vendors(request, request.POST),
        **_packet(member, form),
    }
    return render(request, "handoffs/compose.html", context, status=status)


def _record(member: Assignment, form: ScopeForm) -> None:
    """A preview reads what the packet would hold."""
    reason = reason_to_read(current_work().actor, member)
    audit.record(
        "handoff.previewed",
        rows=[member.id],
        member_id=member.person_id,
        reason=reason,
        details={"scope": form.chosen},
    )


def _packet(member: Assignment, form: ScopeForm) -> dict[str, object]:
    at = now()
    content, exclusions = packets.gather(member, form.chosen, at)
    as_sent = Handoff(consent_scope=form.chosen, shared_care=bool(form.data.get("shared_care")))
    stays_behind = progress.why_completing_may_fail(as_sent, at) if member.open_crisis_flags else ""
    return {
        "member_id": member.person_id,
        "chapters": reading.chapters(content),
        "left_out": reading.left_out(exclusions),
        "gathered_at": at,
        "stays_behind": stays_behind,
    }


def _vendors(request: PortalRequest, asked: Mapping[str, str]) -> dict[str, object]:
    find = FindForm(asked)
    name = find.cleaned_data["vendor"].strip() if find.is_valid() else ""
    known = offering.receivers(request.actor.tenant_id, is_sandbox=request.workplace.is_sandbox)
    found = list(known.filter(name__icontains=name).order_by("name", "id")[:MOST_VENDORS])
    chosen = known.filter(id=to).first() if (to := _id(asked.get("to", ""))) else None
    choices: list[Tenant] = vendor_choices(found, chosen)
    return {"vendors": choices, "chosen": chosen, "sought": name, "is_cut": len(found) == MOST_VENDORS}


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _member(request: PortalRequest, member_id: uuid.UUID) -> Assignment:
    member = Assignment.objects.visible_to(request.actor).filter(person_id=member_id).first()
    if member is None:
        raise MemberNotFound
    if refusal := policies.why_not_hand_off(request.actor, member):
        raise refusal
    return member


def _under_way(request: PortalRequest, member_id: uuid.UUID) -> Handoff | None:
    sent = Handoff.objects.visible_to(request.actor).outgoing(request.actor.tenant_id).of_member(member_id)
    return sent.under_way(now()).first()
