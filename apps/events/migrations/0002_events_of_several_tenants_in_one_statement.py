"""Append what concerns several tenants in one statement, each tenant's in its own context."""

from django.db import migrations

# In the order of the tenants' ids, so that no two works lock each other out.
APPEND = """
CREATE FUNCTION events_append_to_each(
    tenants uuid[], types text[], members uuid[], times timestamptz[], actor jsonb, datas text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before text := current_setting('throughline.tenant_id', true);
    one uuid;
BEGIN
    FOR one IN SELECT DISTINCT each FROM unnest(tenants) AS each ORDER BY each LOOP
        PERFORM set_config('throughline.tenant_id', one::text, true);
        PERFORM events_append(one, array_agg(types[i] ORDER BY i), array_agg(members[i] ORDER BY i),
                              array_agg(times[i] ORDER BY i), actor, array_agg(datas[i] ORDER BY i))
            FROM generate_subscripts(tenants, 1) AS i WHERE tenants[i] = one;
    END LOOP;
    PERFORM set_config('throughline.tenant_id', before, true);
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [migrations.RunSQL(APPEND, "DROP FUNCTION events_append_to_each")]
