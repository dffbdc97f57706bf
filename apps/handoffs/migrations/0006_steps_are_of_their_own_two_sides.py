"""Hold a step to a handoff between its own two tenants."""

from django.db import migrations

from apps.tenants.references import refer_within_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("handoffs", "0005_handoffs_have_a_key_with_both_tenants"),
        ("tenants", "0001_initial"),
    ]
    operations = [
        *refer_within_tenant(
            "handoffs_handoffstep", "handoff_id", "handoffs_handoff", sides=("tenant_id", "to_tenant_id")
        ),
    ]
