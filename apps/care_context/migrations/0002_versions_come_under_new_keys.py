"""Let key rotation, and nothing else, seal a kept version anew."""

from django.db import migrations

from apps.tenants.rls import grant

KEEP = """
CREATE FUNCTION care_context_keep_versions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('throughline.rotating', true), '') <> 'on' THEN
        RAISE EXCEPTION 'a kept version of a care context never changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER care_context_versions_are_kept BEFORE UPDATE ON care_context_carecontextversion
    FOR EACH ROW EXECUTE FUNCTION care_context_keep_versions();
"""


class Migration(migrations.Migration):
    dependencies = [("care_context", "0001_initial")]
    operations = [
        migrations.RunSQL(KEEP, "DROP FUNCTION care_context_keep_versions CASCADE"),
        grant("care_context_carecontextversion", "UPDATE (snapshot)"),
    ]
