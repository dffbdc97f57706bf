"""Today: what waits for the person, most urgent first, each line one click from the act."""

from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.crisis.models import CrisisFlag
from apps.members.models import Assignment


@page(roles=CLINICAL)
def today(request: PortalRequest) -> HttpResponse:
    mine = Assignment.objects.visible_to(request.actor).filter(open_crisis_flags__gt=0)
    members = {member.person_id: member for member in mine}
    flags = list(
        CrisisFlag.objects.visible_to(request.actor).unresolved().filter(member_id__in=members).most_urgent_first()
    )
    audit.record("today.read", rows=[flag.id for flag in flags])
    lines = [(flag, members[flag.member_id]) for flag in flags]
    return render(request, "portal/today.html", {"flags": lines})
