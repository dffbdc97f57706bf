"""Handoffs in a line each: with whom, of whom, how it stands and until when, as of one moment."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.core.actor import Actor
from apps.core.clock import now
from apps.handoffs.models import Handoff, HandoffQuerySet
from apps.members.models import Assignment

Status = Handoff.Status
STATES = (("open", "Under way"), ("all", "All"), *Status.choices)
LEVELS = {Handoff.Urgency.EMERGENT: "critical", Handoff.Urgency.URGENT: "high"}
NAMES = {
    Status.PENDING: "Waiting for an answer",
    Status.ACCEPTED: "Accepted",
    Status.DECLINED: "Declined",
    Status.COMPLETED: "Completed",
    Status.CANCELLED: "Withdrawn",
    Status.EXPIRED: "Expired",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A handoff that comes from `seen_by`, as the side of `tenant_id` sees it at `moment`.

    `member` is the tenant's own row of the member, None where it has none: an offer is nameless until its packet is read.
    """

    handoff: Handoff
    member: Assignment | None
    tenant_id: uuid.UUID
    moment: datetime

    @property
    def is_incoming(self) -> bool:
        return self.handoff.to_tenant_id == self.tenant_id

    @property
    def other(self) -> str:
        """The other vendor's name."""
        return self.handoff.from_name if self.is_incoming else self.handoff.to_name

    @property
    def called(self) -> str:
        """The member's name, for whom the handoff concerns."""
        return self.member.called if self.member and self.handoff.is_of_concern else ""

    @property
    def status(self) -> str:
        return self.handoff.status_at(self.moment)

    @property
    def status_name(self) -> str:
        return NAMES[Status(self.status)]

    @property
    def is_pending(self) -> bool:
        return self.status == Status.PENDING

    @property
    def is_under_way(self) -> bool:
        return self.status in {Status.PENDING, Status.ACCEPTED}

    @property
    def level(self) -> str:
        return LEVELS.get(Handoff.Urgency(self.handoff.urgency), "")


def seen_by(actor: Actor) -> HandoffQuerySet:
    """All that a line shows, in one statement."""
    return Handoff.objects.visible_to(actor).whole().with_first_opening().with_concern(actor)


def lines_of(handoffs: Iterable[Handoff], actor: Actor) -> list[Line]:
    """With the members' names as the actor's tenant knows them, in one statement."""
    found, at = list(handoffs), now()
    members = _known({handoff.member_id for handoff in found}, actor.tenant_id)
    return [Line(handoff, members.get(handoff.member_id), actor.tenant_id, at) for handoff in found]


def line_of(handoff: Handoff, actor: Actor) -> Line:
    return lines_of([handoff], actor)[0]


def _known(member_ids: set[uuid.UUID], tenant_id: uuid.UUID) -> dict[uuid.UUID, Assignment]:
    """The tenant's last row of each: whoever sees a handoff may know whom it is about after the member has left."""
    if not member_ids:
        return {}
    rows = Assignment.objects.filter(tenant_id=tenant_id, person_id__in=member_ids).order_by("assigned_at", "id")
    return {row.person_id: row for row in rows.select_related("primary_clinician").defer("primary_clinician__password")}


def standing(found: HandoffQuerySet, state: str) -> HandoffQuerySet:
    """Those in one of `STATES`."""
    if state == "all":
        return found
    return found.under_way(now()) if state == "open" else found.with_status(state, now())


def waiting(actor: Actor) -> int:
    """How many offers wait for an answer of the actor's vendor."""
    return Handoff.objects.incoming(actor.tenant_id).with_status(Status.PENDING, now()).count()


def rows_of(lines: Sequence[Line]) -> list[uuid.UUID]:
    return [line.handoff.id for line in lines]
