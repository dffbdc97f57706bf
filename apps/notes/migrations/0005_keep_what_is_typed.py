"""Keep what someone types into the form of a note until they save it; overwritten in place, removed once saved."""

import apps.core.clock
import apps.core.ids
import apps.vault.fields
import django.db.models.deletion
from django.db import migrations, models

from apps.tenants.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('care_sessions', '0003_a_session_is_refused_where_it_is_written'),
        ('notes', '0004_signatures_keep_what_was_signed'),
    ]

    operations = [
        migrations.CreateModel(
            name='NoteDraft',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('person_id', models.UUIDField()),
                ('note_type', models.CharField(choices=[('soap', 'Soap'), ('dap', 'Dap'), ('birp', 'Birp'), ('girp', 'Girp'), ('intake', 'Intake'), ('progress', 'Progress'), ('discharge', 'Discharge'), ('psychotherapy', 'Psychotherapy'), ('free_text', 'Free Text')], max_length=20)),
                ('content', apps.vault.fields.EncryptedJSONField()),
                ('version', models.PositiveIntegerField(null=True)),
                ('kept_at', models.DateTimeField(default=apps.core.clock.now)),
                ('note', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='notes.note')),
                ('session', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='care_sessions.session')),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'kept_at'], name='notes_typed_by_age')],
            },
        ),
        *isolate("notes_notedraft"),
    ]
