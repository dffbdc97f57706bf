"""What stands over every page of one member: who it is, what presses, and why the person may see it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BinaryField, ExpressionWrapper, F, JSONField, OuterRef, QuerySet, Subquery
from django.db.models.functions import JSONObject

from apps.audit import recording as audit
from apps.care_context.models import CareContext
from apps.core.actor import Actor
from apps.core.clock import now
from apps.handoffs.models import Handoff
from apps.members.models import Assignment
from apps.members.policies import ACCESS, Access, reason_to_read, why_visible, with_access
from apps.tenants.models import Tenant
from apps.vault.fields import open_value

STANDING = (Handoff.Status.PENDING, Handoff.Status.ACCEPTED, Handoff.Status.COMPLETED)


@dataclass(frozen=True, slots=True)
class Consent:
    """The latest consent to share the member's record: with whom, what, until when (`None`: no end), and if it stands."""

    other: str
    is_given_to_other: bool
    scope: list[str]
    until: datetime | None

    @property
    def is_over(self) -> bool:
        return self.until is not None and self.until <= now()


@dataclass(frozen=True, slots=True)
class Head:
    """`plan` names the parts of the safety plan that say something, in the plan's order."""

    member: Assignment
    clinician: str
    access: Access
    plan: list[str]
    context_updated_at: datetime | None
    consent: Consent | None


def head_of(actor: Actor, member: Assignment) -> Head:
    """For a member whom the actor sees; one statement. That the safety plan was opened for it is recorded."""
    known = with_access(Assignment.objects.filter(tenant_id=actor.tenant_id, id=member.id), actor)
    context = CareContext.objects.filter(tenant_id=actor.tenant_id, member_id=member.person_id)
    plan = context.values(sealed=ExpressionWrapper(F("safety_plan"), BinaryField()))
    brought: dict[str, Any] = {
        "clinician": F("primary_clinician__name"),
        "context_id": Subquery(context.values("id")),
        "sealed_plan": Subquery(plan, output_field=BinaryField()),
        "context_updated_at": Subquery(context.values("updated_at")),
        "consent": Subquery(_consents(actor, member), output_field=JSONField()),
    }
    row = known.annotate(**brought).values(*ACCESS, *brought).get()
    for name in ACCESS:
        setattr(member, name, row[name])
    if row["context_id"]:
        reason = reason_to_read(actor, member)
        audit.record("chart.head_read", rows=[row["context_id"]], member_id=member.person_id, reason=reason)
    return Head(
        member=member,
        clinician=row["clinician"] or "",
        access=why_visible(actor, member),
        plan=_parts(actor, row["context_id"], row["sealed_plan"]),
        context_updated_at=row["context_updated_at"],
        consent=_consent(row["consent"], actor),
    )


def _consents(actor: Actor, member: Assignment) -> "QuerySet[Handoff, Any]":
    names = Tenant.objects.values("name")
    told = JSONObject(
        sender=F("tenant_id"),
        from_name=Subquery(names.filter(id=OuterRef("tenant_id"))),
        to_name=Subquery(names.filter(id=OuterRef("to_tenant_id"))),
        scope=F("consent_scope"),
        until=F("consent_expires_at"),
    )
    given = Handoff.objects.visible_to(actor).of_member(member.person_id).filter(status__in=STANDING)
    return given.newest_first().values(told=told)[:1]


def _consent(told: Mapping[str, Any] | None, actor: Actor) -> Consent | None:
    if told is None:
        return None
    is_given_to_other = told["sender"] == str(actor.tenant_id)
    return Consent(
        other=told["to_name"] if is_given_to_other else told["from_name"],
        is_given_to_other=is_given_to_other,
        scope=told["scope"],
        until=datetime.fromisoformat(told["until"]) if told["until"] else None,
    )


def _parts(actor: Actor, context_id: uuid.UUID | None, sealed: bytes | None) -> list[str]:
    if context_id is None or sealed is None:
        return []
    plan = open_value(CareContext._meta.get_field("safety_plan"), actor.tenant_id, context_id, bytes(sealed))
    return [part for part, lines in plan.items() if lines]
