"""The chart: what is known of one member, on one page."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.assessments.models import Assessment
from apps.audit import recording as audit
from apps.care_sessions.models import Session
from apps.core.actor import Actor
from apps.crisis.models import CrisisFlag
from apps.intelligence.models import Brief
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.notes.models import Note
from apps.portal import glass, scores
from apps.portal.head import head_of
from apps.tenants.models import TenantOwned

SHOWN = 10
SCORES = 12


@dataclass(frozen=True, slots=True)
class Record:
    """What the chart shows beside the member. Of notes and sessions no text is read."""

    flags: list[CrisisFlag]
    brief: Brief | None
    sessions: list[Session]
    notes: list[Note]
    assessments: list[Assessment]

    def rows(self) -> Iterable[TenantOwned]:
        briefs = [self.brief] if self.brief else []
        return chain(self.flags, briefs, self.sessions, self.notes, self.assessments)


@page(roles=CLINICAL)
def chart(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    visible = Assignment.objects.visible_to(request.actor).filter(person_id=member_id)
    member = visible.first()
    if member is None:
        return glass.explain(request, member_id)
    reason = reason_to_read(request.actor, member)
    record = _record(request.actor, member)
    rows = [member.id, *(row.id for row in record.rows())]
    audit.record("chart.read", rows=rows, member_id=member_id, reason=reason)
    context = {
        "member": member,
        "head": head_of(request.actor, member),
        "record": record,
        "series": scores.series_of(record.assessments),
        "drawing": {"width": scores.WIDTH, "height": scores.HEIGHT},
    }
    return render(request, "portal/chart.html", context)


def _record(actor: Actor, member: Assignment) -> Record:
    member_id = member.person_id
    notes = Note.objects.readable(actor, member)
    sessions = Session.objects.visible_to(actor).of_member(member_id).order_by("-started_at", "-id")
    flags = CrisisFlag.objects.visible_to(actor).of_member(member_id).unresolved().most_urgent_first()
    assessments = Assessment.objects.visible_to(actor).of_member(member_id).last_of_each_series(SCORES)
    return Record(
        flags=list(flags.defer("description", "resolution")),
        brief=Brief.objects.visible_to(actor).filter(member_id=member_id).first(),
        sessions=list(sessions.defer("summary", "homework")[:SHOWN]),
        notes=list(notes.newest_first().defer("content")[:SHOWN]),
        assessments=list(assessments),
    )
