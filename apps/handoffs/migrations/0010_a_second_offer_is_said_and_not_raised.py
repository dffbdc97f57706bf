"""Answer whether an offer was written: one that another stands in the way of leaves the transaction as it was."""

from django.db import migrations

NAME = "handoffs_offer(handoff jsonb, step jsonb, packets jsonb)"
OLD = """
DROP FUNCTION handoffs_offer;
CREATE FUNCTION {name} RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO handoffs_handoff SELECT * FROM jsonb_populate_record(NULL::handoffs_handoff, handoff);
    INSERT INTO handoffs_handoffstep SELECT * FROM jsonb_populate_record(NULL::handoffs_handoffstep, step);
    INSERT INTO handoffs_packet SELECT * FROM jsonb_populate_recordset(NULL::handoffs_packet, packets);
END $$
"""
NEW = """
DROP FUNCTION handoffs_offer;
CREATE FUNCTION {name} RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO handoffs_handoff SELECT * FROM jsonb_populate_record(NULL::handoffs_handoff, handoff)
        ON CONFLICT (tenant_id, member_id) WHERE status IN ('pending', 'accepted') DO NOTHING;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO handoffs_handoffstep SELECT * FROM jsonb_populate_record(NULL::handoffs_handoffstep, step);
    INSERT INTO handoffs_packet SELECT * FROM jsonb_populate_recordset(NULL::handoffs_packet, packets);
    RETURN true;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0009_offers_that_wait_are_counted_by_an_index")]
    operations = [migrations.RunSQL(NEW.format(name=NAME), OLD.format(name=NAME))]
