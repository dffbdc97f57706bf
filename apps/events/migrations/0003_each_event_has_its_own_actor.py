"""Give each event of one statement its own actor: the system acts beside whoever set it off.

The forms with one actor for all stay for what still runs while a release is rolled out.
"""

from django.db import migrations

APPEND = """
CREATE FUNCTION events_append(
    tenant uuid, types text[], members uuid[], times timestamptz[], actors text[], datas text[])
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
        VALUES (made, tenant, to_timestamp(us / 1000000.0), types[i], members[i], times[i], actors[i]::jsonb,
                datas[i]::jsonb);
        us := us + 1;
    END LOOP;
    RETURN made;
END $$
"""
# In the order of the tenants' ids, so that no two works lock each other out.
APPEND_TO_EACH = """
CREATE FUNCTION events_append_to_each(
    tenants uuid[], types text[], members uuid[], times timestamptz[], actors text[], datas text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before text := current_setting('throughline.tenant_id', true);
    one uuid;
BEGIN
    FOR one IN SELECT DISTINCT each FROM unnest(tenants) AS each ORDER BY each LOOP
        PERFORM set_config('throughline.tenant_id', one::text, true);
        PERFORM events_append(one, array_agg(types[i] ORDER BY i), array_agg(members[i] ORDER BY i),
                              array_agg(times[i] ORDER BY i), array_agg(actors[i] ORDER BY i),
                              array_agg(datas[i] ORDER BY i))
            FROM generate_subscripts(tenants, 1) AS i WHERE tenants[i] = one;
    END LOOP;
    PERFORM set_config('throughline.tenant_id', before, true);
END $$
"""
ONE = "uuid, text[], uuid[], timestamptz[], text[], text[]"
EACH = "uuid[], text[], uuid[], timestamptz[], text[], text[]"


class Migration(migrations.Migration):
    dependencies = [("events", "0002_events_of_several_tenants_in_one_statement")]
    operations = [
        migrations.RunSQL(APPEND, f"DROP FUNCTION events_append({ONE})"),
        migrations.RunSQL(APPEND_TO_EACH, f"DROP FUNCTION events_append_to_each({EACH})"),
    ]
