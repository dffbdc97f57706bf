"""Keep who shows a key: address, product, how often."""

import apps.core.ids
import django.db.models.deletion
from django.db import migrations, models

from apps.tenants.rls import isolate


class Migration(migrations.Migration):

    dependencies = [
        ('keys', '0004_keys_are_replaced_by_their_tenants_own'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeyCaller',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('address', models.CharField(default='', max_length=45)),
                ('agent', models.CharField(max_length=40)),
                ('first_at', models.DateTimeField()),
                ('last_at', models.DateTimeField()),
                ('requests', models.PositiveBigIntegerField()),
                ('requests_since_rotation', models.PositiveBigIntegerField(default=0)),
                ('key', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='callers', to='keys.apikey')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'key', 'address', 'agent'), name='keys_caller_is_counted_once')],
            },
        ),
        *isolate("keys_keycaller"),
    ]
