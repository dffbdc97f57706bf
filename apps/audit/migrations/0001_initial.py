import apps.core.clock
import apps.core.ids
import django.contrib.postgres.fields
from django.db import migrations, models
from apps.tenants.partitions import partition_by_month
from apps.tenants.rls import isolate



class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Record',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('occurred_at', models.DateTimeField(default=apps.core.clock.now)),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.UUIDField()),
                ('actor_name', models.CharField(max_length=200)),
                ('action', models.CharField(max_length=60)),
                ('rows', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list)),
                ('member_id', models.UUIDField(null=True)),
                ('reason', models.CharField(max_length=40)),
                ('door', models.CharField(max_length=20)),
                ('address', models.CharField(default='', max_length=45)),
                ('request_id', models.CharField(default='', max_length=128)),
                ('details', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'audit_record',
            },
        ),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('number', models.PositiveBigIntegerField()),
                ('from_xact', models.PositiveBigIntegerField()),
                ('to_xact', models.PositiveBigIntegerField()),
                ('row_count', models.PositiveIntegerField()),
                ('row_hashes', models.BinaryField()),
                ('previous', models.BinaryField()),
                ('digest', models.BinaryField()),
                ('sealed_at', models.DateTimeField(default=apps.core.clock.now)),
            ],
            options={
                'db_table': 'audit_seal',
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'number'), name='audit_seal_is_numbered_once')],
            },
        ),
        *partition_by_month("audit_record", "occurred_at"),
        migrations.RunSQL(
            "ALTER TABLE audit_record ADD COLUMN xact bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            """
            CREATE INDEX audit_record_unsealed ON audit_record (tenant_id, xact, id);
            CREATE INDEX audit_record_of_member ON audit_record (tenant_id, member_id, occurred_at);
            """,
            migrations.RunSQL.noop,
        ),
        *isolate("audit_record", "SELECT, INSERT"),
        *isolate("audit_seal", "SELECT, INSERT"),
    ]
