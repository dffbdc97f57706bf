"""Write an offer, its first step and both packets in one statement; each is still held to its table's policies."""

from django.db import migrations

OFFER = """
CREATE FUNCTION handoffs_offer(handoff jsonb, step jsonb, packets jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO handoffs_handoff SELECT * FROM jsonb_populate_record(NULL::handoffs_handoff, handoff);
    INSERT INTO handoffs_handoffstep SELECT * FROM jsonb_populate_record(NULL::handoffs_handoffstep, step);
    INSERT INTO handoffs_packet SELECT * FROM jsonb_populate_recordset(NULL::handoffs_packet, packets);
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0003_an_accepted_one_may_be_closed")]
    operations = [migrations.RunSQL(OFFER, "DROP FUNCTION handoffs_offer")]
