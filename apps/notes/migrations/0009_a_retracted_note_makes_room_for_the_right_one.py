"""Count of signed notes of a type only those that stand; hold a retraction to notes of its own tenant."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

from apps.tenants.references import refer_within_tenant

BEFORE, AFTER = "notes_one_signed_of_a_type_per_session", "notes_one_signed_that_stands_of_a_type_per_session"
SIGNED = "ON notes_note (tenant_id, session_id, note_type) WHERE addendum_to_id IS NULL AND status = 'signed'"

# The new index stands before the old one goes. What an interrupted run left is not valid.
SWAP = [
    migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {AFTER}", migrations.RunSQL.noop),
    migrations.RunSQL(
        f"CREATE UNIQUE INDEX CONCURRENTLY {AFTER} {SIGNED} AND retracted_at IS NULL", f"DROP INDEX CONCURRENTLY {AFTER}"
    ),
    migrations.RunSQL(
        f"DROP INDEX CONCURRENTLY IF EXISTS {BEFORE}", f"CREATE UNIQUE INDEX CONCURRENTLY {BEFORE} {SIGNED}"
    ),
]
STATE = [
    migrations.RemoveConstraint("note", BEFORE),
    migrations.AddConstraint(
        "note",
        models.UniqueConstraint(
            fields=["tenant_id", "session", "note_type"],
            condition=models.Q(status="signed", addendum_to=None, retracted_at=None),
            name=AFTER,
        ),
    ),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notes", "0008_signed_notes_can_be_retracted")]
    operations = [
        ValidateConstraint("note", "notes_retracted_once_signed"),
        migrations.SeparateDatabaseAndState(SWAP, STATE),
        *refer_within_tenant("notes_noteretraction", "note_id", "notes_note"),
        *refer_within_tenant("notes_noteretraction", "statement_id", "notes_note"),
    ]
