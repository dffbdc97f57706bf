"""Complete a handoff in two statements: one locks and reads what moves, one writes it. Each enters the sender's context
for what is the sender's, and leaves it again; every row is still held to its table's policies."""

from django.db import migrations

# In this order whoever completes: first the one turn that all handoffs of a member share, then the handoff, then the
# receiver's assignment, then what is the sender's. Each statement sees what was committed while the one before waited.
HOLD = """
CREATE FUNCTION handoffs_hold(handoff uuid) RETURNS json LANGUAGE plpgsql AS $$
DECLARE
    before text := current_setting('throughline.tenant_id', true);
    held handoffs_handoff;
    assigned boolean;
    assignment uuid;
    flags json;
    accepted json;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('handoffs.complete:' || member_id::text, 0))
        FROM handoffs_handoff WHERE id = handoff;
    SELECT * INTO held FROM handoffs_handoff WHERE id = handoff FOR UPDATE;
    -- Nothing of the sender's is looked at for anybody but the receiver of an accepted one.
    IF held.id IS NULL OR held.to_tenant_id::text <> before OR held.status <> 'accepted' OR held.shared_care THEN
        RETURN NULL;
    END IF;
    PERFORM FROM members_assignment a
        WHERE a.tenant_id = held.to_tenant_id AND a.person_id = held.member_id AND a.ended_at IS NULL FOR UPDATE;
    assigned := FOUND;
    PERFORM set_config('throughline.tenant_id', held.tenant_id::text, true);
    SELECT a.id INTO assignment FROM members_assignment a
        WHERE a.tenant_id = held.tenant_id AND a.person_id = held.member_id AND a.ended_at IS NULL FOR UPDATE;
    SELECT coalesce(json_agg(flag.*), '[]') INTO flags FROM (
        SELECT * FROM crisis_crisisflag f
        WHERE f.tenant_id = held.tenant_id AND f.member_id = held.member_id AND f.resolved_at IS NULL
        ORDER BY f.created_at, f.id FOR NO KEY UPDATE
    ) flag;
    SELECT coalesce(json_agg(other.*), '[]') INTO accepted FROM (
        SELECT * FROM handoffs_handoff h
        WHERE h.to_tenant_id = held.tenant_id AND h.member_id = held.member_id AND h.status = 'accepted'
        ORDER BY h.id FOR UPDATE
    ) other;
    PERFORM set_config('throughline.tenant_id', before, true);
    RETURN json_build_object('assigned', assigned, 'assignment', assignment, 'flags', flags, 'accepted', accepted);
END $$
"""
MOVE = """
CREATE FUNCTION handoffs_move(steps jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE handoffs_handoff h SET status = step.status
        FROM jsonb_populate_recordset(NULL::handoffs_handoffstep, steps) step WHERE h.id = step.handoff_id;
    INSERT INTO handoffs_handoffstep SELECT * FROM jsonb_populate_recordset(NULL::handoffs_handoffstep, steps);
END $$
"""
COMPLETE = """
CREATE FUNCTION handoffs_complete(
    completed jsonb, closed jsonb, resolved jsonb, opened jsonb, assignment uuid, ended timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before text := current_setting('throughline.tenant_id', true);
BEGIN
    PERFORM set_config('throughline.tenant_id', completed ->> 'tenant_id', true);
    PERFORM crisis_resolve(resolved);
    UPDATE members_assignment a SET ended_at = ended WHERE a.id = assignment;
    PERFORM handoffs_move(closed);
    PERFORM set_config('throughline.tenant_id', before, true);
    PERFORM crisis_open(opened);
    PERFORM handoffs_move(jsonb_build_array(completed));
END $$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("crisis", "0004_flags_are_written_by_the_set"),
        ("handoffs", "0007_packets_are_written_by_the_sender"),
        ("members", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(HOLD, "DROP FUNCTION handoffs_hold"),
        migrations.RunSQL(MOVE, "DROP FUNCTION handoffs_move"),
        migrations.RunSQL(COMPLETE, "DROP FUNCTION handoffs_complete"),
    ]
