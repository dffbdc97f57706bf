"""Show a tenant's wrapped keys in its own context alone; `vault_keys_of` enters it for its one statement."""

from django.db import migrations

from apps.tenants.rls import CURRENT_TENANT, policy

KEYS_OF = """
CREATE FUNCTION vault_keys_of(tenant uuid)
RETURNS TABLE (id integer, purpose text, wrapped bytea, wrapped_by text, is_current boolean) LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('throughline.tenant_id', true), '');
BEGIN
    PERFORM set_config('throughline.tenant_id', tenant::text, true);
    RETURN QUERY
        SELECT k.id, k.purpose::text, k.wrapped, k.wrapped_by::text, k.retired_at IS NULL FROM vault_datakey k
        WHERE k.tenant_id = tenant AND k.erased_at IS NULL ORDER BY k.id;
    PERFORM set_config('throughline.tenant_id', before, true);
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]
    operations = [
        migrations.RunSQL(KEYS_OF, "DROP FUNCTION vault_keys_of"),
        migrations.RunSQL(
            "DROP POLICY vault_datakey_read_by_all ON vault_datakey",
            "CREATE POLICY vault_datakey_read_by_all ON vault_datakey FOR SELECT USING (true)",
        ),
        policy("vault_datakey", "vault_datakey_read_by_own", using=f"tenant_id = {CURRENT_TENANT}", command="SELECT"),
    ]
