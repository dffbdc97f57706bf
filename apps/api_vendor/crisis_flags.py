"""Crisis flags: endpoints 14 and 15."""

import uuid
from datetime import datetime
from typing import Annotated, Literal, cast

from msgspec import Meta
from rest_framework.request import Request

from apps.api_vendor.base import VendorView, reads, writes
from apps.api_vendor.pagination import ListQuery, Page, page
from apps.api_vendor.people import Who, who
from apps.audit import recording as audit
from apps.crisis import actions, models
from apps.doors.wire import NOT_BLANK, Answer, Closed, Instant
from apps.members.counting import count_of_member

Category = Literal["suicide_ideation", "self_harm", "harm_to_others", "crisis_distress"]
Severity = Literal["low", "moderate", "high", "critical"]
Source = Literal["clinician", "assessment", "companion", "text_analysis", "partner"]
Status = Literal["open", "acknowledged", "resolved"]


class CrisisFlag(Answer):
    id: uuid.UUID
    member_id: uuid.UUID
    category: Category
    severity: Severity
    description: str
    source: Source
    occurred_at: datetime
    status: Status
    acknowledged_at: datetime | None
    acknowledged_by: Who | None
    resolved_at: datetime | None
    resolution: str | None
    respond_by: datetime
    escalation_level: int
    created_at: datetime


class NewCrisisFlag(Closed):
    member_id: uuid.UUID
    category: Category
    severity: Severity
    description: Annotated[str, Meta(min_length=1, max_length=20_000), NOT_BLANK]
    source: Source = "clinician"
    occurred_at: Instant | None = None


class CrisisFlagQuery(ListQuery):
    member_id: uuid.UUID | None = None
    status: Status | None = None
    severity: Severity | None = None
    category: Category | None = None


def present(flag: models.CrisisFlag) -> CrisisFlag:
    return CrisisFlag(
        id=flag.id,
        member_id=flag.member_id,
        category=cast(Category, flag.category),
        severity=cast(Severity, flag.severity),
        description=flag.description,
        source=cast(Source, flag.source),
        occurred_at=flag.occurred_at,
        status=cast(Status, flag.status),
        acknowledged_at=flag.acknowledged_at,
        acknowledged_by=who(flag.acknowledged_by) if flag.acknowledged_by else None,
        resolved_at=flag.resolved_at,
        resolution=flag.resolution,
        respond_by=flag.respond_by,
        escalation_level=flag.escalation_level,
        created_at=flag.created_at,
    )


class CrisisFlagList(VendorView):
    scopes = {"GET": "crisis:read", "POST": "crisis:write"}

    @reads(query=CrisisFlagQuery, answers=Page[CrisisFlag])
    def get(self, request: Request, query: CrisisFlagQuery) -> Page[CrisisFlag]:
        """Crisis flags, open first, then by severity."""
        found = models.CrisisFlag.objects.visible_to(self.actor)
        if query.status is not None:
            found = found.with_status(query.status)
        if query.severity is not None:
            found = found.of_severity(query.severity)
        if query.category is not None:
            found = found.of_category(query.category)
        if query.member_id is None:
            count = found.count()
        else:
            found = found.of_member(query.member_id)
            count = count_of_member(found, query.member_id)
        shown = list(found.most_urgent_first()[query.offset : query.offset + query.limit])
        audit.record("crisis.listed", rows=[flag.id for flag in shown], member_id=query.member_id)
        return page(request, query, count, [present(flag) for flag in shown])

    @writes(body=NewCrisisFlag, answers=CrisisFlag, status=201)
    def post(self, request: Request, body: NewCrisisFlag) -> CrisisFlag:
        """Raise a crisis flag; its severity sets the deadline."""
        flag = actions.raise_flag(
            member_id=body.member_id,
            category=body.category,
            severity=body.severity,
            description=body.description,
            source=body.source,
            occurred_at=body.occurred_at,
        )
        return present(flag)
