"""Hold what someone types to a session and a note of its own tenant."""

from django.db import migrations

from apps.tenants.references import refer_within_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notes", "0005_keep_what_is_typed")]
    operations = [
        *refer_within_tenant("notes_notedraft", "session_id", "care_sessions_session"),
        *refer_within_tenant("notes_notedraft", "note_id", "notes_note"),
    ]
