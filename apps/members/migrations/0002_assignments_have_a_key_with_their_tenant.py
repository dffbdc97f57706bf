"""Let others refer to an assignment with its tenant."""

from django.db import migrations

from apps.tenants.references import key_with_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("members", "0001_initial")]
    operations = [
        *key_with_tenant("members_assignment"),
    ]
