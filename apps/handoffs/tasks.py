from celery import shared_task

from apps.core.actor import system_actor
from apps.handoffs import actions
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant


@shared_task(name="handoffs.expire")
def expire() -> int:
    """Expire unanswered handoffs, tenant by tenant; a run that repeats finds nothing more to do."""
    expired = 0
    for tenant_id in Tenant.objects.filter(kind=Tenant.Kind.VENDOR).values_list("id", flat=True):
        with acting_as(system_actor(tenant_id)):
            expired += actions.expire_overdue()
    return expired
