"""Write what concerns several tenants in one statement, each tenant's in its own context."""

from django.db import migrations

APPEND = """
CREATE FUNCTION audit_append_to_each(entries jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before text := current_setting('throughline.tenant_id', true);
    one uuid;
BEGIN
    FOR one IN SELECT DISTINCT (each ->> 'tenant_id')::uuid AS id FROM jsonb_array_elements(entries) AS each ORDER BY id
    LOOP
        PERFORM set_config('throughline.tenant_id', one::text, true);
        INSERT INTO audit_record (id, tenant_id, occurred_at, actor_kind, actor_id, actor_name, action, member_id,
                                  reason, door, address, request_id, details, rows)
            SELECT id, tenant_id, occurred_at, actor_kind, actor_id, actor_name, action, member_id, reason, door,
                   address, request_id, details, rows
            FROM jsonb_populate_recordset(NULL::audit_record, entries) WHERE tenant_id = one;
    END LOOP;
    PERFORM set_config('throughline.tenant_id', before, true);
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_rows_tell_their_own_transaction")]
    operations = [migrations.RunSQL(APPEND, "DROP FUNCTION audit_append_to_each")]
