"""Hold what was done about a flag to a flag of its own tenant."""

from django.db import migrations

from apps.tenants.references import refer_within_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("crisis", "0006_what_was_done_is_kept")]
    operations = [
        *refer_within_tenant("crisis_flagaction", "flag_id", "crisis_crisisflag"),
    ]
