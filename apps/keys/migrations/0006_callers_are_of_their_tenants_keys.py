"""Hold a caller to a key of its own tenant."""

from django.db import migrations

from apps.tenants.references import refer_within_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("keys", "0005_keys_have_callers"),
        ("tenants", "0001_initial"),
    ]
    operations = [*refer_within_tenant("keys_keycaller", "key_id", "keys_apikey")]
