"""Seal every tenant's settled rows, once a minute."""

from celery import shared_task

from apps.audit.chain import seal_settled
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant


@shared_task(name="audit.seal")
def seal() -> None:
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        sealed = 1
        while sealed:
            with acting_as(system_actor(tenant_id)):
                sealed = seal_settled()
