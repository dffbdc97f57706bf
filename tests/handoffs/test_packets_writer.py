"""A packet belongs to a handoff: nobody else's can be written, whatever code asks for it."""

import pytest
from django.db import ProgrammingError

from apps.core.actor import system_actor
from apps.core.database import run
from apps.core.ids import uuid7
from apps.tenants.context import acting_as
from tests.handoffs.steps import offer
from tests.people import VendorWorld, make_vendor


def test_a_packet_is_written_by_its_handoffs_sender_for_one_of_the_two_sides(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id, "summary")
    outsider = make_vendor()
    copy = """
        INSERT INTO handoffs_packet (id, tenant_id, handoff_id, content, contents, exclusions, digest, frozen_at)
        VALUES (%s, %s, %s, 'x', '{}', '[]', 'x', now())
    """
    for writer, holder in ((outsider, outsider), (other_vendor, other_vendor), (vendor, outsider)):
        with pytest.raises(ProgrammingError, match="row-level security"), acting_as(system_actor(writer.tenant.id)):
            run([(copy, (uuid7(), holder.tenant.id, made["id"]))])
