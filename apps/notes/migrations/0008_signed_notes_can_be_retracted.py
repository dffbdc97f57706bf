"""Let a signed note be marked as retracted: once, together with the row that says by whom and why, and changing nothing else."""

import apps.core.clock
import apps.core.ids
import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from apps.tenants.rls import isolate

# As before, and besides: the mark is put where none was, if nothing else of the row differs and its reason is there.
FROZEN = """
CREATE OR REPLACE FUNCTION notes_keep_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('throughline.rotating', true) = 'on'
       AND to_jsonb(NEW) - 'content' = to_jsonb(OLD) - 'content' THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.retracted_at IS NULL AND NEW.retracted_at IS NOT NULL
       AND to_jsonb(NEW) - 'retracted_at' = to_jsonb(OLD) - 'retracted_at'
       AND EXISTS (SELECT FROM notes_noteretraction r
                   WHERE r.tenant_id = NEW.tenant_id AND r.note_id = NEW.id AND r.retracted_at = NEW.retracted_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a signed note never changes; write an addendum to it'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION notes_keep_retraction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a retraction never changes' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER notes_keep_retraction BEFORE UPDATE OR DELETE ON notes_noteretraction
    FOR EACH ROW EXECUTE FUNCTION notes_keep_retraction();
"""
THAWED = """
DROP FUNCTION notes_keep_retraction CASCADE;
CREATE OR REPLACE FUNCTION notes_keep_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('throughline.rotating', true) = 'on'
       AND to_jsonb(NEW) - 'content' = to_jsonb(OLD) - 'content' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a signed note never changes; write an addendum to it'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('notes', '0007_note_types_are_called_what_clinicians_call_them'),
    ]

    operations = [
        migrations.AddField('note', 'retracted_at', models.DateTimeField(null=True)),
        AddConstraintNotValid(
            'note',
            models.CheckConstraint(condition=models.Q(('retracted_at', None), ('status', 'signed'), _connector='OR'), name='notes_retracted_once_signed'),
        ),
        migrations.CreateModel(
            name='NoteRetraction',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('why', models.CharField(choices=[('wrong_member', 'It is about another person'), ('wrong_session', 'It is about another session'), ('duplicate', 'It was written twice'), ('not_true', 'What it says did not happen')], max_length=20)),
                ('retracted_by', models.JSONField()),
                ('retracted_at', models.DateTimeField(default=apps.core.clock.now)),
                ('note', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='retraction', to='notes.note')),
                ('statement', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='retracts', to='notes.note')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RunSQL(FROZEN, THAWED),
        *isolate("notes_noteretraction", "SELECT, INSERT"),
    ]
