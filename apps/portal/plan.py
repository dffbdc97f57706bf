"""The safety plan on paper: the member's words in large type, with whom to call at any hour."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.care_context import actions
from apps.care_context.errors import NoPlan
from apps.care_context.models import SafetyPlanReview
from apps.care_context.wording import plan_entries
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.members.policies import reason_to_read


@page(roles=CLINICAL)
def print_plan(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    """The plan as it stands now; an older one is not for handing out."""
    member = Assignment.objects.visible_to(request.actor).filter(person_id=member_id).first()
    if member is None:
        raise MemberNotFound
    context = actions.current(member_id)
    if not context.has_plan():
        raise NoPlan
    review = SafetyPlanReview.objects.visible_to(request.actor).of_member(member_id).latest_first().first()
    reason = reason_to_read(request.actor, member)
    audit.record("safety_plan.printed", rows=[context.id], member_id=member_id, reason=reason)
    steps = [step for step in plan_entries(context.content) if step.lines]
    shown = {"member": member, "context": context, "steps": steps, "review": review}
    return render(request, "portal/print_plan.html", shown)
