"""Let an API key refer to another with its tenant."""

from django.db import migrations

from apps.tenants.references import key_with_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("keys", "0002_enter_or_raise")]
    operations = [*key_with_tenant("keys_apikey")]
