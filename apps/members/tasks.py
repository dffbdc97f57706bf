"""Fold the differences of each tenant's tally into one row for each status and risk."""

import uuid

from celery import shared_task
from django.db import connection

from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant

FOLD = """
WITH gone AS (DELETE FROM members_tally WHERE tenant_id = %s RETURNING status, risk_level, amount)
INSERT INTO members_tally (id, tenant_id, status, risk_level, amount)
SELECT gen_random_uuid(), %s, status, risk_level, sum(amount) FROM gone GROUP BY status, risk_level HAVING sum(amount) <> 0
"""


@shared_task(name="members.fold_tally")
def fold_tally() -> None:
    for tenant_id in Tenant.objects.filter(kind=Tenant.Kind.VENDOR).values_list("id", flat=True):
        fold(tenant_id)


def fold(tenant_id: uuid.UUID) -> None:
    with acting_as(system_actor(tenant_id)), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM members_tally WHERE tenant_id = %s", [tenant_id])
        if cursor.fetchone()[0] > 16:
            cursor.execute(FOLD, [tenant_id, tenant_id])
