"""Hold the replacement of an API key to a key of its own tenant."""

from django.db import migrations

from apps.tenants.references import refer_within_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("keys", "0003_keys_have_a_key_with_their_tenant"),
        ("tenants", "0001_initial"),
    ]
    operations = [*refer_within_tenant("keys_apikey", "replaced_by_id", "keys_apikey")]
