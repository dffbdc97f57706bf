"""Handoffs: endpoints 16 to 23."""

import uuid
from datetime import date, datetime
from typing import Annotated, Literal, cast

import msgspec
from msgspec import UNSET, Meta, UnsetType
from rest_framework.request import Request

from apps.api_vendor.assessments import Assessment
from apps.api_vendor.base import VendorView, reads, writes
from apps.api_vendor.care_context import CareContext
from apps.api_vendor.crisis_flags import CrisisFlag
from apps.api_vendor.intelligence import PassedBrief
from apps.api_vendor.notes import Note
from apps.api_vendor.pagination import ListQuery, Page, page
from apps.api_vendor.people import Who, who
from apps.api_vendor.sessions import Session
from apps.audit import recording as audit
from apps.core.clock import now
from apps.doors.wire import Answer, Closed, Instant
from apps.handoffs import actions, history, models
from apps.handoffs.errors import HandoffNotFound
from apps.handoffs.policies import Consent
from apps.members.counting import count_of_member

HandoffType = Literal["transfer", "referral", "step_up", "step_down", "coverage", "warm"]
Urgency = Literal["routine", "urgent", "emergent"]
Status = Literal["pending", "accepted", "declined", "completed", "cancelled", "expired"]
Part = Literal["summary", "care_context", "sessions", "notes", "assessments", "crisis_flags", "psychotherapy_notes"]
Reason = Annotated[str, Meta(min_length=1, max_length=20_000)]


class VendorName(Answer):
    id: uuid.UUID
    name: str


class ConsentGiven(Answer):
    obtained: bool
    obtained_at: datetime
    scope: list[Part]
    expires_at: datetime | None


class Step(Answer):
    status: Status
    at: datetime
    by: Who
    reason: str | None


class Handoff(Answer):
    id: uuid.UUID
    member_id: uuid.UUID
    from_vendor: VendorName
    to_vendor_id: uuid.UUID
    to_vendor: VendorName
    handoff_type: HandoffType
    urgency: Urgency
    reason: str
    clinical_summary: str
    shared_care: bool
    consent: ConsentGiven
    expires_at: datetime
    status: Status
    history: list[Step]
    created_at: datetime


class Demographics(Answer):
    id: uuid.UUID
    first_name: str | None
    last_name: str | None
    preferred_name: str | None
    pronouns: str | None
    email: str | None
    phone: str | None
    date_of_birth: date | None
    timezone: str


class PastScore(Answer):
    id: uuid.UUID
    score: float | int
    severity: str
    administered_at: datetime


class PassedAssessment(Assessment):
    """`score_history`: the scores of its series up to this one, at most 12, the newest last."""

    score_history: list[PastScore]


class HandoffContext(Answer):
    """The parts that the consent covers; a part that it does not cover is not there."""

    handoff_id: uuid.UUID
    frozen_at: datetime
    member: Demographics
    care_context: CareContext | UnsetType = UNSET
    sessions: list[Session] | UnsetType = UNSET
    notes: list[Note] | UnsetType = UNSET
    psychotherapy_notes: list[Note] | UnsetType = UNSET
    assessments: list[PassedAssessment] | UnsetType = UNSET
    crisis_flags: list[CrisisFlag] | UnsetType = UNSET
    brief: PassedBrief | UnsetType = UNSET


class NewConsent(Closed):
    obtained: Annotated[bool, Meta(extra_json_schema={"const": True})]
    obtained_at: Instant
    scope: list[Part]
    expires_at: Instant | None = None


class NewHandoff(Closed):
    member_id: uuid.UUID
    to_vendor_id: uuid.UUID
    handoff_type: HandoffType
    urgency: Urgency
    reason: Reason
    clinical_summary: Reason
    consent: NewConsent
    shared_care: bool = False
    expires_at: Instant | None = None


class Because(Closed):
    reason: Reason


class HandoffQuery(ListQuery):
    direction: Literal["incoming", "outgoing"] | None = None
    status: Status | None = None
    member_id: uuid.UUID | None = None


def present(handoff: models.Handoff) -> Handoff:
    """A handoff that was fetched `whole()`, as it stands now."""
    at = now()
    return Handoff(
        id=handoff.id,
        member_id=handoff.member_id,
        from_vendor=VendorName(id=handoff.tenant_id, name=handoff.from_name),
        to_vendor_id=handoff.to_tenant_id,
        to_vendor=VendorName(id=handoff.to_tenant_id, name=handoff.to_name),
        handoff_type=cast(HandoffType, handoff.handoff_type),
        urgency=cast(Urgency, handoff.urgency),
        reason=handoff.reason,
        clinical_summary=handoff.clinical_summary,
        shared_care=handoff.shared_care,
        consent=ConsentGiven(
            obtained=True,
            obtained_at=handoff.consent_obtained_at,
            scope=cast(list[Part], handoff.consent_scope),
            expires_at=handoff.consent_expires_at,
        ),
        expires_at=handoff.expires_at,
        status=cast(Status, handoff.status_at(at)),
        history=[
            Step(status=cast(Status, step.status), at=step.at, by=who(step.by), reason=step.reason)
            for step in history.of(handoff, at)
        ],
        created_at=handoff.created_at,
    )


class HandoffList(VendorView):
    scopes = {"GET": "sessions:read", "POST": "sessions:write"}

    @reads(query=HandoffQuery, answers=Page[Handoff])
    def get(self, request: Request, query: HandoffQuery) -> Page[Handoff]:
        """Handoffs from and to this vendor, newest first."""
        found = models.Handoff.objects.visible_to(self.actor)
        if query.direction == "incoming":
            found = found.incoming(self.actor.tenant_id)
        elif query.direction == "outgoing":
            found = found.outgoing(self.actor.tenant_id)
        if query.status is not None:
            found = found.with_status(query.status, now())
        if query.member_id is None:
            count = found.count()
        else:
            found = found.of_member(query.member_id)
            count = count_of_member(found, query.member_id)
        shown = list(found.whole().newest_first()[query.offset : query.offset + query.limit])
        audit.record("handoff.listed", rows=[row.id for row in shown], member_id=query.member_id, reason="handoff")
        return page(request, query, count, [present(row) for row in shown])

    @writes(body=NewHandoff, answers=Handoff, status=201)
    def post(self, request: Request, body: NewHandoff) -> Handoff:
        """Offer a member's care to another vendor; another open one of that member is a 409."""
        handoff = actions.offer(
            member_id=body.member_id,
            to_tenant_id=body.to_vendor_id,
            handoff_type=body.handoff_type,
            urgency=body.urgency,
            reason=body.reason,
            clinical_summary=body.clinical_summary,
            shared_care=body.shared_care,
            expires_at=body.expires_at,
            consent=Consent(
                obtained=body.consent.obtained,
                obtained_at=body.consent.obtained_at,
                scope=frozenset(body.consent.scope),
                expires_at=body.consent.expires_at,
            ),
        )
        return present(handoff)


class HandoffDetail(VendorView):
    scopes = {"GET": "sessions:read"}

    @reads(answers=Handoff)
    def get(self, request: Request, handoff_id: uuid.UUID) -> Handoff:
        """One handoff, with its history."""
        handoff = models.Handoff.objects.visible_to(self.actor).whole().filter(id=handoff_id).first()
        if handoff is None:
            raise HandoffNotFound
        audit.record("handoff.read", rows=[handoff.id], member_id=handoff.member_id, reason="handoff")
        return present(handoff)


class HandoffContextView(VendorView):
    scopes = {"GET": "sessions:read"}

    @reads(answers=HandoffContext)
    def get(self, request: Request, handoff_id: uuid.UUID) -> HandoffContext:
        """What the consent passes on, as it was when the handoff was made."""
        packet = actions.read_packet(handoff_id=handoff_id)
        known = {"handoff_id": handoff_id, "frozen_at": packet.frozen_at, **packet.content}
        return msgspec.convert(known, HandoffContext)


class AcceptHandoff(VendorView):
    scopes = {"POST": "sessions:write"}

    @writes(answers=Handoff)
    def post(self, request: Request, handoff_id: uuid.UUID) -> Handoff:
        """Accept a pending handoff, as its receiver; assigns the member."""
        return present(actions.accept(handoff_id=handoff_id))


class DeclineHandoff(VendorView):
    scopes = {"POST": "sessions:write"}

    @writes(body=Because, answers=Handoff)
    def post(self, request: Request, body: Because, handoff_id: uuid.UUID) -> Handoff:
        """Decline a pending handoff, as its receiver, with a reason."""
        return present(actions.decline(handoff_id=handoff_id, reason=body.reason))


class CompleteHandoff(VendorView):
    scopes = {"POST": "sessions:write"}

    @writes(answers=Handoff)
    def post(self, request: Request, handoff_id: uuid.UUID) -> Handoff:
        """Complete an accepted handoff, as its receiver; unless care is shared, the sender's open flags move."""
        return present(actions.complete(handoff_id=handoff_id))


class CancelHandoff(VendorView):
    scopes = {"POST": "sessions:write"}

    @writes(body=Because, answers=Handoff)
    def post(self, request: Request, body: Because, handoff_id: uuid.UUID) -> Handoff:
        """Cancel a pending handoff, as its sender, with a reason."""
        return present(actions.cancel(handoff_id=handoff_id, reason=body.reason))
