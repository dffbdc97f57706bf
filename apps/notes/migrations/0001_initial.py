import apps.core.clock
import apps.core.ids
import apps.vault.fields
import django.db.models.deletion
from django.db import migrations, models
from apps.tenants.rls import isolate


# A signed note never changes and never goes. Only its content may be sealed anew, while keys rotate, and only if
# nothing else of the row differs.
FROZEN = """
CREATE FUNCTION notes_keep_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('throughline.rotating', true) = 'on'
       AND to_jsonb(NEW) - 'content' = to_jsonb(OLD) - 'content' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a signed note never changes; write an addendum to it'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER notes_keep_signed BEFORE UPDATE OR DELETE ON notes_note
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION notes_keep_signed();
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('care_sessions', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('member_id', models.UUIDField()),
                ('note_type', models.CharField(choices=[('soap', 'Soap'), ('dap', 'Dap'), ('birp', 'Birp'), ('girp', 'Girp'), ('intake', 'Intake'), ('progress', 'Progress'), ('discharge', 'Discharge'), ('psychotherapy', 'Psychotherapy'), ('free_text', 'Free Text')], max_length=20)),
                ('content', apps.vault.fields.EncryptedJSONField()),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('signed', 'Signed')], default='draft', max_length=20)),
                ('signed_at', models.DateTimeField(null=True)),
                ('signed_by', models.JSONField(null=True)),
                ('author', models.JSONField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now)),
                ('updated_at', models.DateTimeField(default=apps.core.clock.now)),
                ('addendum_to', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='addenda', to='notes.note')),
                ('session', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='care_sessions.session')),
            ],
        ),
        migrations.CreateModel(
            name='NoteSignature',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('role', models.CharField(choices=[('signer', 'Signer'), ('cosigner', 'Cosigner')], default='signer', max_length=20)),
                ('signed_by', models.JSONField()),
                ('signed_at', models.DateTimeField(default=apps.core.clock.now)),
                ('note', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='notes.note')),
            ],
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['tenant_id', '-created_at', '-id'], name='notes_newest_first'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['tenant_id', 'member_id', '-created_at', '-id'], name='notes_of_member'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['tenant_id', 'session', '-created_at'], name='notes_of_session'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(fields=['tenant_id', 'note_type', '-created_at', '-id'], name='notes_of_type'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(condition=models.Q(('status', 'draft')), fields=['tenant_id', 'created_at', 'id'], name='notes_unsigned_by_age'),
        ),
        migrations.AddIndex(
            model_name='note',
            index=models.Index(condition=models.Q(('addendum_to__isnull', False)), fields=['tenant_id', 'addendum_to'], name='notes_addenda'),
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.UniqueConstraint(condition=models.Q(('addendum_to', None), ('status', 'signed')), fields=('tenant_id', 'session', 'note_type'), name='notes_one_signed_of_a_type_per_session'),
        ),
        migrations.AddConstraint(
            model_name='note',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_at', None), ('signed_by__isnull', True), ('status', 'draft')), models.Q(('signed_at__isnull', False), ('signed_by__isnull', False), ('status', 'signed')), _connector='OR'), name='notes_signed_by_someone_at_some_time'),
        ),
        migrations.AddIndex(
            model_name='notesignature',
            index=models.Index(fields=['tenant_id', 'note', 'signed_at'], name='notes_signatures_of_note'),
        ),
        migrations.AddConstraint(
            model_name='notesignature',
            constraint=models.UniqueConstraint(condition=models.Q(('role', 'signer')), fields=('tenant_id', 'note'), name='notes_one_signer_per_note'),
        ),
        migrations.RunSQL(FROZEN, "DROP FUNCTION notes_keep_signed() CASCADE"),
        *isolate("notes_note", "SELECT, INSERT, UPDATE"),
        *isolate("notes_notesignature", "SELECT, INSERT"),
    ]
