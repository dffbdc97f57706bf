"""What the receiving side looks up and writes: its copy of the packet, and who is to treat the member."""

import uuid
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from apps.accounts.models import Membership, User
from apps.audit import recording as audit
from apps.core.actor import Actor
from apps.handoffs.models import Handoff, Packet, PacketRead
from apps.members.models import Assignment
from apps.tenants.context import current_work

TREATING = (Membership.Role.CLINICIAN, Membership.Role.SUPERVISOR)


def packet_for(actor: Actor, tenant_id: uuid.UUID, handoff_id: uuid.UUID) -> Packet | None:
    """That side's copy with its handoff and whether this very actor `was_read`, if the handoff concerns them."""
    earlier = PacketRead.objects.filter(tenant_id=tenant_id, handoff_id=OuterRef("handoff_id"), by__id=str(actor.id))
    seen = Handoff.objects.concerning(actor).filter(id=handoff_id)
    found = Packet.objects.filter(tenant_id=tenant_id, handoff__in=seen)
    brought: dict[str, Any] = {"was_read": Exists(earlier)}
    return found.select_related("handoff").annotate(**brought).first()


def clinicians_of(tenant_id: uuid.UUID) -> QuerySet[User]:
    """Who may treat members at a vendor now, by name."""
    working = Membership.objects.filter(tenant_id=tenant_id, user_id=OuterRef("id"), role__in=TREATING, ended_at=None)
    return User.objects.filter(Exists(working), is_active=True).order_by("name", "id")


def entrust_where_nobody_treats(member_id: uuid.UUID, clinician_id: uuid.UUID) -> None:
    """Give a member of the acting tenant to a clinician, unless someone treats them already."""
    untreated = Assignment.objects.filter(
        tenant_id=current_work().tenant_id, person_id=member_id, ended_at=None, primary_clinician=None
    )
    if untreated.update(primary_clinician_id=clinician_id):
        audit.record("member.entrusted", rows=[clinician_id], member_id=member_id, reason="handoff")
