"""Let key rotation by the holder, and nothing else, seal a handoff's words anew: the other side sees them only."""

from django.db import migrations

from apps.tenants.rls import CURRENT_TENANT

KEEP = f"""
CREATE FUNCTION handoffs_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.tenant_id = {CURRENT_TENANT} AND current_setting('throughline.rotating', true) = 'on' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was written in a handoff never changes'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER handoffs_keep_words BEFORE UPDATE OF reason, clinical_summary ON handoffs_handoff
    FOR EACH ROW EXECUTE FUNCTION handoffs_keep_words();
CREATE TRIGGER handoffs_keep_words BEFORE UPDATE OF reason ON handoffs_handoffstep
    FOR EACH ROW EXECUTE FUNCTION handoffs_keep_words();
CREATE TRIGGER handoffs_keep_words BEFORE UPDATE OF content ON handoffs_packet
    FOR EACH ROW EXECUTE FUNCTION handoffs_keep_words();
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, "DROP FUNCTION handoffs_keep_words CASCADE")]
