"""Write any number of flags in one statement, or inside another app's function; row security holds as ever."""

from django.db import migrations

RESOLVE = """
CREATE FUNCTION crisis_resolve(flags jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE crisis_crisisflag kept
    SET status = flag.status, rank = flag.rank, resolved_at = flag.resolved_at, resolved_by = flag.resolved_by,
        disposition = flag.disposition, resolution = flag.resolution, escalate_at = flag.escalate_at,
        handoff_id = flag.handoff_id
    FROM jsonb_populate_recordset(NULL::crisis_crisisflag, flags) flag
    WHERE kept.tenant_id = flag.tenant_id AND kept.id = flag.id;
END $$
"""
OPEN = """
CREATE FUNCTION crisis_open(flags jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crisis_crisisflag SELECT * FROM jsonb_populate_recordset(NULL::crisis_crisisflag, flags);
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("crisis", "0003_steps_are_of_their_tenants_flags")]
    operations = [
        migrations.RunSQL(RESOLVE, "DROP FUNCTION crisis_resolve"),
        migrations.RunSQL(OPEN, "DROP FUNCTION crisis_open"),
    ]
