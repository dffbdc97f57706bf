"""Today: what waits for the person, most urgent first, each line one click from the act."""

import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.models import Membership
from apps.accounts.pages import CLINICAL, PortalRequest, Workplace, page
from apps.audit import recording as audit
from apps.care_sessions.models import Session
from apps.core.actor import Actor
from apps.core.clock import now
from apps.crisis.models import CrisisFlag
from apps.handoffs.models import Handoff
from apps.members.models import Assignment
from apps.members.policies import by_reason
from apps.notes.drafts_views import waiting_for
from apps.notes.models import Note
from apps.portal.home import home_of

MOST = 50


@page(roles=Membership.Role.values)
def today(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    if not CLINICAL & actor.roles:
        return redirect(home_of(actor))
    flags, sessions, notes = _flags(actor), _sessions(actor, request.workplace), _unsigned(actor)
    handoffs = list(
        Handoff.objects.visible_to(actor)
        .incoming(actor.tenant_id)
        .with_status(Handoff.Status.PENDING, now())
        .newest_first()[:MOST]
    )
    lines: list[CrisisFlag | Session | Note] = [*flags, *sessions, *notes]
    concerned = {each.member_id for each in lines}
    members = {
        member.person_id: member for member in Assignment.objects.visible_to(actor).filter(person_id__in=concerned)
    }
    read = by_reason(actor, [(members[line.member_id], line.id) for line in lines if line.member_id in members])
    read["assignment"] += [handoff.id for handoff in handoffs]
    for reason, rows in read.items():
        audit.record("today.read", rows=rows, reason=reason)
    return render(
        request,
        "portal/today.html",
        {
            "flags": _with_member(flags, members),
            "sessions": _with_member(sessions, members),
            "notes": _with_member(notes, members),
            "handoffs": handoffs,
            "waiting": waiting_for(actor),
        },
    )


def _with_member[Line: (CrisisFlag, Session, Note)](
    lines: list[Line], members: dict[uuid.UUID, Assignment]
) -> list[tuple[Line, Assignment]]:
    return [(line, members[line.member_id]) for line in lines if line.member_id in members]


def _flags(actor: Actor) -> list[CrisisFlag]:
    mine = Assignment.objects.visible_to(actor).filter(open_crisis_flags__gt=0).values("person_id")
    return list(CrisisFlag.objects.visible_to(actor).unresolved().filter(member_id__in=mine).most_urgent_first()[:MOST])


def _sessions(actor: Actor, workplace: Workplace) -> list[Session]:
    """What is planned between midnight and midnight in the zone of the workplace."""
    midnight = now().astimezone(ZoneInfo(workplace.timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    planned = Session.objects.visible_to(actor).with_status(Session.Status.SCHEDULED).filter(clinician_id=actor.id)
    day = planned.started_from(midnight).started_until(midnight + timedelta(days=1))
    return list(day.order_by("started_at")[:MOST])


def _unsigned(actor: Actor) -> list[Note]:
    drafts = Note.objects.visible_to(actor).unsigned().filter(author__id=str(actor.id))
    return list(drafts.oldest_first().defer("content")[:MOST])
