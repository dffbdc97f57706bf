from django.db import migrations

# Raises where it returned false: what was sent behind it in the same trip is then not done.
ENTER = """
CREATE OR REPLACE FUNCTION keys_enter(tenant uuid, key uuid, durable boolean) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('throughline.tenant_id', tenant::text, true);
    PERFORM 1 FROM keys_apikey k JOIN tenants_tenant t ON t.id = k.tenant_id
        WHERE k.id = key AND k.tenant_id = tenant AND k.revoked_at IS NULL
          AND (k.expires_at IS NULL OR k.expires_at > now()) AND t.status = 'active';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the key is not valid' USING ERRCODE = 'invalid_authorization_specification';
    END IF;
    IF NOT durable THEN
        PERFORM set_config('synchronous_commit', 'off', true);
    END IF;
    RETURN true;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("keys", "0001_initial")]
    operations = [migrations.RunSQL(ENTER, migrations.RunSQL.noop)]
