from django.db import migrations

REFUSE = """
CREATE FUNCTION care_sessions_refuse(code text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the session may not be logged' USING ERRCODE = code;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("care_sessions", "0002_sessions_have_a_key_with_their_tenant")]
    operations = [migrations.RunSQL(REFUSE, "DROP FUNCTION care_sessions_refuse(text)")]
