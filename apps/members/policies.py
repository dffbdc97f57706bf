"""Why someone may open a member's chart."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery

from apps.accounts.models import BreakGlass, Cover
from apps.core.actor import Actor
from apps.core.clock import now
from apps.members.models import Assignment, AssignmentQuerySet

TREATS, COVERS, SUPERVISES, BROKE_GLASS = "treats", "covers", "supervises", "broke_glass"
# What `with_access` brings along.
ACCESS = ("is_covered", "covered_until", "opened_until")


@dataclass(frozen=True, slots=True)
class Access:
    """`kind` is treats, covers, supervises or broke_glass; `until` is when it ends, where that is known."""

    kind: str
    until: datetime | None = None

    @property
    def is_by_broken_glass(self) -> bool:
        return self.kind == BROKE_GLASS


def reason_to_read(actor: Actor, member: Assignment) -> str:
    """What the audit record of a reading names as its reason, for a member who is visible to the actor."""
    is_in_reach = actor.door != "portal" or member.primary_clinician_id in actor.reach
    return "assignment" if is_in_reach else "break_glass"


def by_reason(actor: Actor, read: Iterable[tuple[Assignment, uuid.UUID]]) -> dict[str, list[uuid.UUID]]:
    """The ids of rows that were read together, each with the member it is of, by the reason to read them."""
    reasons: dict[str, list[uuid.UUID]] = {"assignment": []}
    for member, row in read:
        reasons.setdefault(reason_to_read(actor, member), []).append(row)
    return reasons


def with_access(found: AssignmentQuerySet, actor: Actor) -> AssignmentQuerySet:
    """Each with what `why_visible` looks at: until when the actor covers its clinician, and opened its chart."""
    moment = now()
    covers = Cover.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=moment),
        tenant_id=actor.tenant_id,
        clinician_id=OuterRef("primary_clinician_id"),
        covered_by_id=actor.id,
        starts_at__lte=moment,
    )
    broken = BreakGlass.objects.filter(tenant_id=actor.tenant_id, user_id=actor.id, member_id=OuterRef("person_id"))
    access: dict[str, Any] = {
        "is_covered": Exists(covers),
        "covered_until": Subquery(covers.order_by(F("ends_at").desc(nulls_first=True)).values("ends_at")[:1]),
        "opened_until": Subquery(broken.order_by("-expires_at").values("expires_at")[:1]),
    }
    return found.annotate(**access)


def why_visible(actor: Actor, member: Assignment) -> Access:
    """Why a person at the portal sees this member, who is visible to them and comes from `with_access`."""
    if member.primary_clinician_id == actor.id:
        return Access(TREATS)
    if reason_to_read(actor, member) == "break_glass":
        return Access(BROKE_GLASS, member.opened_until)
    if member.is_covered:
        return Access(COVERS, member.covered_until)
    return Access(SUPERVISES)
