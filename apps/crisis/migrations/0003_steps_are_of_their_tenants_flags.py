"""Hold a step of escalation to a flag of its own tenant."""

from django.db import migrations

from apps.tenants.references import refer_within_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("crisis", "0002_flags_have_a_key_with_their_tenant"),
        ("tenants", "0001_initial"),
    ]
    operations = [
        *refer_within_tenant("crisis_escalationstep", "flag_id", "crisis_crisisflag"),
    ]
