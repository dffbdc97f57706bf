"""Hold a packet to a handoff that its writer sent, and to one of that handoff's two sides.

No foreign key can say that a packet's holder is either side: the policy on writing does, and nobody may change
the holder or the handoff afterwards.
"""

from django.db import migrations

from apps.tenants.rls import CURRENT_TENANT, policy

TABLE = "handoffs_packet"
SENDERS = f"""EXISTS (
    SELECT 1 FROM handoffs_handoff h WHERE h.id = handoffs_packet.handoff_id AND h.tenant_id = {CURRENT_TENANT}
    AND handoffs_packet.tenant_id IN (h.tenant_id, h.to_tenant_id)
)"""
OLD = """
CREATE POLICY handoffs_packet_made_by_sender ON handoffs_packet FOR INSERT WITH CHECK (tenant_id = {current}
    OR EXISTS (SELECT 1 FROM handoffs_handoff h WHERE h.id = handoffs_packet.handoff_id
               AND h.tenant_id = {current} AND h.to_tenant_id = handoffs_packet.tenant_id))
"""


class Migration(migrations.Migration):
    dependencies = [("handoffs", "0006_steps_are_of_their_own_two_sides")]
    operations = [
        migrations.RunSQL(
            "DROP POLICY handoffs_packet_made_by_sender ON handoffs_packet", OLD.format(current=CURRENT_TENANT)
        ),
        policy(TABLE, "handoffs_packet_written_by_sender", check=SENDERS, command="INSERT"),
    ]
