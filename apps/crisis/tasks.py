"""The clock of the ladder."""

import uuid

from celery import shared_task

from apps.core.actor import system_actor
from apps.crisis.escalation import BATCH, escalate_due
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant


@shared_task(name="crisis.escalate")
def escalate() -> int:
    """Take every rung that is due, tenant by tenant. Returns how many. Suspended tenants too: the risk is a member's."""
    tenants = Tenant.objects.filter(kind=Tenant.Kind.VENDOR).order_by("id").values_list("id", flat=True)
    return sum(escalate_at(tenant_id) for tenant_id in tenants)


def escalate_at(tenant_id: uuid.UUID) -> int:
    taken = 0
    while True:
        with acting_as(system_actor(tenant_id)):
            batch = escalate_due()
        taken += batch
        if batch < BATCH:
            return taken
