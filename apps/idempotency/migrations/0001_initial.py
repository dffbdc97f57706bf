import apps.core.clock
import apps.core.ids
import apps.vault.fields
from django.db import migrations, models
from apps.tenants.rls import isolate



class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='FirstAnswer',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('caller', models.CharField(max_length=64)),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.BinaryField(max_length=32)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('body', apps.vault.fields.EncryptedTextField(null=True)),
                ('created_at', models.DateTimeField(default=apps.core.clock.now)),
            ],
            options={
                'db_table': 'idempotency_firstanswer',
                'indexes': [models.Index(fields=['tenant_id', 'created_at'], name='idempotency_by_age')],
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'caller', 'key'), name='idempotency_one_answer_per_key')],
            },
        ),
        *isolate("idempotency_firstanswer"),
    ]
