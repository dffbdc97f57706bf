"""Let others refer to a session with its tenant."""

from django.db import migrations

from apps.tenants.references import key_with_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("care_sessions", "0001_initial")]
    operations = [
        *key_with_tenant("care_sessions_session"),
    ]
