"""Keep whose notes need whose co-signature, which notes wait for it, and what was returned with which comment."""

import apps.core.clock
import apps.core.ids
import apps.vault.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from apps.tenants.rls import grant, isolate

# Binds every new row.
KEEP = """
ALTER TABLE notes_notesignature ADD CONSTRAINT notes_cosigner_keeps_a_digest
    CHECK (role <> 'cosigner' OR digest IS NOT NULL) NOT VALID;
CREATE UNIQUE INDEX notes_one_cosignature_of_a_person ON notes_notesignature (tenant_id, note_id, (signed_by ->> 'id'))
    WHERE role = 'cosigner';
"""
FREE = """
DROP INDEX notes_one_cosignature_of_a_person;
ALTER TABLE notes_notesignature DROP CONSTRAINT notes_cosigner_keeps_a_digest;
"""


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('notes', '0009_a_retracted_note_makes_room_for_the_right_one'),
    ]

    operations = [
        migrations.CreateModel(
            name='CosigningRule',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('share', models.PositiveSmallIntegerField(default=100)),
                ('ends_at', models.DateTimeField(null=True)),
                ('made_by', models.JSONField()),
                ('made_at', models.DateTimeField(default=apps.core.clock.now)),
                ('clinician', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cosigner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('tenant_id', 'clinician'), name='notes_one_cosigning_rule_per_clinician'),
                    models.CheckConstraint(condition=models.Q(('clinician', models.F('cosigner')), _negated=True), name='notes_nobody_cosigns_their_own'),
                    models.CheckConstraint(condition=models.Q(('share__gte', 1), ('share__lte', 100)), name='notes_share_in_a_hundred'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CosignRequest',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('signer_id', models.UUIDField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('returned', 'Returned'), ('cosigned', 'Cosigned')], default='waiting', max_length=20)),
                ('asked_at', models.DateTimeField(default=apps.core.clock.now)),
                ('cosigner', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('note', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='cosigning', to='notes.note')),
            ],
            options={
                'indexes': [
                    models.Index(fields=['tenant_id', 'cosigner', 'state', 'asked_at'], name='notes_cosigning_queue'),
                    models.Index(condition=models.Q(('state', 'returned')), fields=['tenant_id', 'signer_id'], name='notes_cosigning_returned'),
                ],
            },
        ),
        migrations.CreateModel(
            name='CosignReturn',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('comment', apps.vault.fields.EncryptedTextField()),
                ('returned_by', models.JSONField()),
                ('returned_at', models.DateTimeField(default=apps.core.clock.now)),
                ('request', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='notes.cosignrequest')),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'request', 'returned_at'], name='notes_returns_of_request')],
            },
        ),
        migrations.RunSQL(KEEP, FREE),
        *isolate("notes_cosigningrule"),
        *isolate("notes_cosignrequest", "SELECT, INSERT"),
        grant("notes_cosignrequest", "UPDATE (state, cosigner_id)"),
        *isolate("notes_cosignreturn", "SELECT, INSERT"),
        # While keys rotate.
        grant("notes_cosignreturn", "UPDATE (comment)"),
    ]
