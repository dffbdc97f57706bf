"""Who treats how many members, and what stands against someone's leaving them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Aggregate, Count, Q, Sum

from apps.accounts.models import Cover, Membership
from apps.core.actor import Actor
from apps.members.models import Assignment
from apps.tenants.context import current_work

Role = Membership.Role
COUNTS: Mapping[str, Aggregate] = {
    "members": Count("id"),
    "pressing": Count("id", filter=Q(open_crisis_flags__gt=0)),
    "flags": Sum("open_crisis_flags", default=0),
}


@dataclass(frozen=True, slots=True)
class Load:
    """`members` are treated, `pressing` of them have open crisis flags, which are `flags` in all."""

    members: int = 0
    pressing: int = 0
    flags: int = 0

    @property
    def called(self) -> str:
        return "1 member" if self.members == 1 else f"{self.members} members"

    def __add__(self, other: "Load") -> "Load":
        return Load(self.members + other.members, self.pressing + other.pressing, self.flags + other.flags)


def loads(actor: Actor) -> Mapping[uuid.UUID | None, Load]:
    """The load of each clinician who treats anyone, and under None that of members without one. One statement."""
    counted = (
        Assignment.objects.administered_by(actor).order_by().values_list("primary_clinician_id").annotate(**COUNTS)
    )
    return {clinician_id: Load(*figures) for clinician_id, *figures in counted}


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds someone where they work: their present roles, whom they treat, whom they cover, who else is an admin."""

    roles: frozenset[str]
    load: Load
    covers: int
    other_admins: int


def standing_of(user_id: uuid.UUID) -> Standing:
    """As it stands at the tenant of the work. Three statements."""
    tenant_id = current_work().tenant_id
    here = Membership.objects.filter(tenant_id=tenant_id, ended_at=None)
    held = here.filter(Q(user_id=user_id) | Q(role=Role.ADMIN)).values_list("user_id", "role")
    theirs = {role for holder, role in held if holder == user_id}
    treated = Assignment.objects.filter(tenant_id=tenant_id, primary_clinician_id=user_id, ended_at=None)
    return Standing(
        roles=frozenset(theirs),
        load=Load(**treated.aggregate(**COUNTS)),
        covers=Cover.objects.filter(tenant_id=tenant_id, covered_by_id=user_id).not_over().count(),
        other_admins=sum(1 for holder, role in held if role == Role.ADMIN and holder != user_id),
    )
