"""Find a tenant's records by time, and those of one actor or one action by time."""

from django.db import migrations

from apps.tenants.partitions import index_by_month


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("audit", "0003_records_of_several_tenants_in_one_statement")]
    operations = [
        index_by_month("audit_record", "audit_record_by_time", "tenant_id, occurred_at"),
        index_by_month("audit_record", "audit_record_of_actor", "tenant_id, actor_id, occurred_at"),
        index_by_month("audit_record", "audit_record_of_action", "tenant_id, action, occurred_at"),
    ]
