"""What someone sees in place of a chart that is not theirs to open, and how they open it at once all the same."""

import uuid

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from apps.accounts import sign_in
from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.members import actions as members
from apps.members.models import Assignment

LONGEST_REASON = 2000


class BreakGlassForm(forms.Form):
    reason = forms.CharField(
        min_length=members.SHORTEST_REASON,
        max_length=LONGEST_REASON,
        error_messages={
            "required": "Say why you need this chart now.",
            "min_length": f"Say in at least {members.SHORTEST_REASON} characters why you need this chart now.",
        },
    )
    password = forms.CharField(strip=False, error_messages={"required": "Enter your password."})


def explain(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    """Why the chart stays shut; `MemberNotFound` unless the member is assigned to the workplace."""
    members.require_assigned(member_id)
    audit.record("chart.refused", member_id=member_id, reason="no_relationship")
    return _explained(request, member_id, BreakGlassForm(), status=403)


@sensitive_post_parameters("reason", "password")
@page("POST", roles=CLINICAL)
def break_glass(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    members.require_assigned(member_id)
    if Assignment.objects.visible_to(request.actor).filter(person_id=member_id).exists():
        return redirect("portal:chart", member_id)
    form = BreakGlassForm(request.POST)
    if form.is_valid():
        refusal = sign_in.why_not_unlock(request, form.cleaned_data["password"])
        if not refusal:
            members.break_glass(member_id=member_id, reason=form.cleaned_data["reason"])
            return redirect("portal:chart", member_id)
        form.add_error("password", refusal)
    return _explained(request, member_id, form, status=422)


def _explained(request: PortalRequest, member_id: uuid.UUID, form: BreakGlassForm, *, status: int) -> HttpResponse:
    context = {"member_id": member_id, "form": form, "shortest": members.SHORTEST_REASON, "longest": LONGEST_REASON}
    return render(request, "portal/break_glass.html", context, status=status)
