"""Hold what asks for a co-signature to notes of its own tenant."""

from django.db import migrations

from apps.tenants.references import key_with_tenant, refer_within_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notes", "0010_notes_are_cosigned")]
    operations = [
        *key_with_tenant("notes_cosignrequest"),
        *refer_within_tenant("notes_cosignrequest", "note_id", "notes_note"),
        *refer_within_tenant("notes_cosignreturn", "request_id", "notes_cosignrequest"),
    ]
