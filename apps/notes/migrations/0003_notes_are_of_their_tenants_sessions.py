"""Hold a note to a session, and an addendum and a signature to a note, of its own tenant."""

from django.db import migrations

from apps.tenants.references import refer_within_tenant


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("care_sessions", "0002_sessions_have_a_key_with_their_tenant"),
        ("notes", "0002_notes_have_a_key_with_their_tenant"),
        ("tenants", "0001_initial"),
    ]
    operations = [
        *refer_within_tenant("notes_note", "session_id", "care_sessions_session"),
        *refer_within_tenant("notes_note", "addendum_to_id", "notes_note"),
        *refer_within_tenant("notes_notesignature", "note_id", "notes_note"),
    ]
