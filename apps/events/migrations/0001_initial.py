import apps.core.ids
from django.db import migrations, models
from apps.tenants.partitions import partition_by_month
from apps.tenants.rls import isolate


# Ids are UUIDv7 (RFC 9562): 48 bits of milliseconds, then the microseconds within it in the 12 bits that the RFC
# leaves for sub-millisecond precision, then random bits. The head's row stays locked until the commit.
APPEND = """
CREATE FUNCTION events_append(tenant uuid, types text[], members uuid[], times timestamptz[], actor jsonb, datas text[])
RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    amount integer := cardinality(types);
    us bigint;
    made uuid;
BEGIN
    INSERT INTO events_head AS head (tenant_id, count, last_us)
        VALUES (tenant, amount, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + amount - 1)
        ON CONFLICT (tenant_id) DO UPDATE SET count = head.count + amount,
            last_us = greatest((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, head.last_us + 1) + amount - 1
        RETURNING last_us - amount + 1 INTO us;
    FOR i IN 1..amount LOOP
        made := (lpad(to_hex(us / 1000), 12, '0') || '7' || lpad(to_hex((us % 1000) * 4), 3, '0')
                 || substr(replace(gen_random_uuid()::text, '-', ''), 17))::uuid;
        INSERT INTO events_event (id, tenant_id, recorded_at, type, member_id, occurred_at, actor, data)
        VALUES (made, tenant, to_timestamp(us / 1000000.0), types[i], members[i], times[i], actor, datas[i]::jsonb);
        us := us + 1;
    END LOOP;
    RETURN made;
END $$
"""


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.UUIDField(default=apps.core.ids.uuid7, primary_key=True, serialize=False)),
                ('tenant_id', models.UUIDField()),
                ('recorded_at', models.DateTimeField()),
                ('type', models.CharField(max_length=40)),
                ('member_id', models.UUIDField(null=True)),
                ('occurred_at', models.DateTimeField()),
                ('actor', models.JSONField()),
                ('data', models.JSONField(default=dict)),
            ],
            options={
                'db_table': 'events_event',
            },
        ),
        migrations.CreateModel(
            name='Head',
            fields=[
                ('tenant_id', models.UUIDField(primary_key=True, serialize=False)),
                ('count', models.PositiveBigIntegerField(default=0)),
                ('last_us', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'db_table': 'events_head',
            },
        ),
        *partition_by_month("events_event", "recorded_at"),
        migrations.RunSQL(
            """
            CREATE INDEX events_of_member ON events_event (tenant_id, member_id, id);
            CREATE INDEX events_of_type ON events_event (tenant_id, type, id);
            """,
            migrations.RunSQL.noop,
        ),
        *isolate("events_event", "SELECT, INSERT"),
        *isolate("events_head"),
        migrations.RunSQL(APPEND, "DROP FUNCTION events_append"),
    ]
