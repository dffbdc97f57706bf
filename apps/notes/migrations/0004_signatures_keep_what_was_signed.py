"""Keep in a signature a keyed digest of what was signed. Earlier ones have none until `verify_notes --complete`."""

from django.db import migrations, models

from apps.tenants.rls import grant

# The check binds every new row; a row from before may get its digest once.
KEEP = """
ALTER TABLE notes_notesignature ADD CONSTRAINT notes_signer_keeps_a_digest
    CHECK (role <> 'signer' OR digest IS NOT NULL) NOT VALID;
CREATE FUNCTION notes_keep_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.digest IS NULL AND to_jsonb(NEW) - 'digest' = to_jsonb(OLD) - 'digest' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a signature never changes' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER notes_keep_signature BEFORE UPDATE OR DELETE ON notes_notesignature
    FOR EACH ROW EXECUTE FUNCTION notes_keep_signature();
"""
FREE = """
ALTER TABLE notes_notesignature DROP CONSTRAINT notes_signer_keeps_a_digest;
DROP FUNCTION notes_keep_signature CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("notes", "0003_notes_are_of_their_tenants_sessions")]
    operations = [
        migrations.AddField("notesignature", "digest", models.BinaryField(max_length=32, null=True)),
        migrations.RunSQL(KEEP, FREE),
        grant("notes_notesignature", "UPDATE (digest)"),
    ]
