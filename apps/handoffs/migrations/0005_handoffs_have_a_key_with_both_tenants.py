"""Let others refer to a handoff with both its tenants."""

from django.db import migrations

from apps.tenants.references import key_with_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("handoffs", "0004_an_offer_is_written_in_one_statement")]
    operations = [
        *key_with_tenant("handoffs_handoff", ("tenant_id", "to_tenant_id", "id")),
    ]
