"""Let others refer to a flag with its tenant."""

from django.db import migrations

from apps.tenants.references import key_with_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("crisis", "0001_initial")]
    operations = [
        *key_with_tenant("crisis_crisisflag"),
    ]
