"""Forget answers that are older than their 24 hours."""

from celery import shared_task

from apps.core.actor import system_actor
from apps.core.clock import now
from apps.idempotency.models import LIFE, FirstAnswer
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant


@shared_task(name="idempotency.forget")
def forget() -> None:
    for tenant_id in Tenant.objects.values_list("id", flat=True):
        with acting_as(system_actor(tenant_id)):
            FirstAnswer.objects.filter(created_at__lt=now() - LIFE).delete()
