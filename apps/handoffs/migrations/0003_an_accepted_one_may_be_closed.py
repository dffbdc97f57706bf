"""Let an accepted handoff become cancelled: its receiver handed the member on, so that nobody could complete it."""

from django.db import migrations

ORDER = """
CREATE OR REPLACE FUNCTION handoffs_keep_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = OLD.status
       OR (OLD.status = 'pending' AND NEW.status IN ('accepted', 'declined', 'cancelled', 'expired'))
       OR (OLD.status = 'accepted' AND NEW.status IN ({after_accepted})) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a handoff cannot go from % to %', OLD.status, NEW.status;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0002_words_change_under_new_keys_alone")]
    operations = [
        migrations.RunSQL(
            ORDER.format(after_accepted="'completed', 'cancelled'"), ORDER.format(after_accepted="'completed'")
        )
    ]
