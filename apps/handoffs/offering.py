"""What an offer asks of the database: one statement to look, one to write."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Q, QuerySet
from django.db.models.functions import JSONObject

from apps.core.database import run
from apps.handoffs.errors import OpenHandoffExists
from apps.handoffs.models import Handoff, HandoffStep, Packet
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.tenants.context import current_work
from apps.tenants.models import Tenant
from apps.vault.records import encoded, row

VENDOR = ("id", "kind", "name", "status", "is_sandbox")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The member at the sender, both vendors, and whether an overdue offer of the member stands in the way.

    What a sandbox sends to a vendor goes to that vendor's sandbox: `receiver` is then the twin.
    """

    assignment: Assignment
    sender: Tenant
    receiver: Tenant | None
    has_overdue: bool


def look_around(member_id: uuid.UUID, to_tenant_id: uuid.UUID, at: datetime) -> Surroundings:
    """`MemberNotFound` when the member is not assigned to the tenant of this work."""
    work = current_work()
    asked: QuerySet[Assignment] = Assignment.objects.visible_to(work.actor).filter(person_id=member_id)
    concerned = Q(id__in=[work.tenant_id, to_tenant_id]) | Q(live_twin=to_tenant_id)
    sides = Tenant.objects.filter(concerned).values(told=JSONObject(**{k: k for k in VENDOR}, live="live_twin__id"))
    overdue = Handoff.objects.outgoing(work.tenant_id).of_member(member_id).overdue(at)
    found = asked.annotate(sides=ArraySubquery(sides), has_overdue=Exists(overdue)).first()
    if found is None:
        raise MemberNotFound
    vendors = {uuid.UUID(told["id"]): _vendor(told) for told in found.sides}
    sender, receiver = vendors[work.tenant_id], vendors.get(to_tenant_id)
    if sender.is_sandbox and receiver is not None and not receiver.is_sandbox:
        receiver = next((_vendor(told) for told in found.sides if told["live"] == str(to_tenant_id)), None)
    return Surroundings(found, sender, receiver, found.has_overdue)


def receivers(sender_id: uuid.UUID, *, is_sandbox: bool) -> QuerySet[Tenant]:
    """The vendors that `why_not_send_to` lets a vendor hand off to."""
    vendors = Tenant.objects.filter(kind=Tenant.Kind.VENDOR, status=Tenant.Status.ACTIVE, is_sandbox=is_sandbox)
    return vendors.exclude(id=sender_id)


def write(handoff: Handoff, step: HandoffStep, packets: Sequence[Packet]) -> None:
    """`OpenHandoffExists` when the sender has an open one of this member."""
    rows = (row(handoff), row(step), [row(packet) for packet in packets])
    written = run([("SELECT handoffs_offer(%s::jsonb, %s::jsonb, %s::jsonb)", [encoded(each) for each in rows])])
    if not written[0][0][0]:
        raise OpenHandoffExists


def _vendor(told: dict[str, Any]) -> Tenant:
    return Tenant(**{**{name: told[name] for name in VENDOR}, "id": uuid.UUID(told["id"])})
