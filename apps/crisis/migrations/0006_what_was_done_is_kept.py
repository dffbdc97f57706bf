"""Keep what people did about a flag, and let them call the next rung."""

import apps.core.clock
import apps.core.ids
import apps.vault.fields
import django.db.models.deletion
from django.db import migrations, models

from apps.tenants.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('crisis', '0005_tenants_decide_their_crisis_response'),
    ]

    operations = [
        migrations.AlterField(
            model_name='escalationstep',
            name='reason',
            field=models.CharField(choices=[('unacknowledged', 'Unacknowledged'), ('unresolved', 'Unresolved'), ('by_hand', 'By Hand')], max_length=20),
        ),
        migrations.CreateModel(
            name='FlagAction',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('kind', models.CharField(choices=[('done', 'Done'), ('escalated', 'Escalated')], default='done', max_length=20)),
                ('what', apps.vault.fields.EncryptedTextField()),
                ('by', models.JSONField()),
                ('at', models.DateTimeField(default=apps.core.clock.now)),
                ('flag', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='crisis.crisisflag')),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'flag', 'at'], name='crisis_actions_of_flag')],
            },
        ),
        # Sealed words come under a new key; nothing else of an action ever changes.
        *isolate("crisis_flagaction", "SELECT, INSERT, UPDATE (what)"),
    ]
