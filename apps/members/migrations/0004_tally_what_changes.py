from django.db import migrations

# By row, since a trigger that sees a statement's rows together fires for every update, whichever columns it sets.
TALLY = """
CREATE FUNCTION members_keep_tally_of_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO members_tally (id, tenant_id, status, risk_level, amount)
        SELECT gen_random_uuid(), tenant_id, status, risk_level, amount FROM (VALUES
            (OLD.tenant_id, OLD.status, OLD.risk_level, -1, OLD.ended_at),
            (NEW.tenant_id, NEW.status, NEW.risk_level, 1, NEW.ended_at)
        ) changes (tenant_id, status, risk_level, amount, ended_at) WHERE ended_at IS NULL;
    RETURN NULL;
END $$;
DROP TRIGGER members_tally_update ON members_assignment;
CREATE TRIGGER members_tally_update AFTER UPDATE ON members_assignment FOR EACH ROW
    WHEN ((OLD.status, OLD.risk_level, OLD.ended_at IS NULL) IS DISTINCT FROM
          (NEW.status, NEW.risk_level, NEW.ended_at IS NULL))
    EXECUTE FUNCTION members_keep_tally_of_row();
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0003_tokens_are_of_their_tenants_assignments")]
    operations = [migrations.RunSQL(TALLY, migrations.RunSQL.noop)]
