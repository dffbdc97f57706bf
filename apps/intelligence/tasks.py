"""The follower of what changes a member's figures without being a matter of seconds."""

import uuid

from celery import shared_task

from apps.core.actor import system_actor
from apps.intelligence.actions import refresh
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant

BATCH = 200
BATCHES_A_RUN = 10


@shared_task(name="intelligence.refresh")
def refresh_all() -> int:
    """Recompute stale and old briefs, tenant by tenant, in batches of their own. Returns how many."""
    tenants = Tenant.objects.filter(kind=Tenant.Kind.VENDOR).order_by("id").values_list("id", flat=True)
    return sum(refresh_at(tenant_id) for tenant_id in tenants)


def refresh_at(tenant_id: uuid.UUID) -> int:
    """No tenant takes more than its batches in one run, so that none keeps the others waiting."""
    done = 0
    for _ in range(BATCHES_A_RUN):
        with acting_as(system_actor(tenant_id)):
            batch = refresh(limit=BATCH)
        done += batch
        if batch < BATCH:
            break
    return done
