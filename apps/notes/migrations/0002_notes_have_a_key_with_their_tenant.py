"""Let others refer to a note with its tenant."""

from django.db import migrations

from apps.tenants.references import key_with_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notes", "0001_initial")]
    operations = [
        *key_with_tenant("notes_note"),
    ]
