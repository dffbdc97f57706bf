"""Make the months ahead of the tables that grow by the month."""

from celery import shared_task
from django.db import transaction

from apps.core.database import run

MONTHLY = ("audit_record", "events_event")
AHEAD = "SELECT tenants_ensure_months(%s, now()::date, (now() + interval '3 months')::date)"


@shared_task(name="events.prepare_partitions")
def prepare_partitions() -> None:
    with transaction.atomic():
        run([(AHEAD, (table,)) for table in MONTHLY])
