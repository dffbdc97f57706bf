"""What was written in a handoff stays: no side changes it, and keys rotate under the holder's own."""

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.database import run
from apps.tenants.context import acting_as
from tests.handoffs.steps import act, offer
from tests.people import VendorWorld

WORDS = [
    ("handoffs_handoff", "reason"),
    ("handoffs_handoff", "clinical_summary"),
    ("handoffs_handoffstep", "reason"),
    ("handoffs_packet", "content"),
]


def rewrite(table: str, column: str) -> int:
    """How many rows of the acting side were written."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {column} WHERE {column} IS NOT NULL")
        return int(cursor.rowcount)


@pytest.mark.parametrize("rotating", ["", "on"])
def test_the_receiver_changes_no_word_of_the_senders(
    vendor: VendorWorld, other_vendor: VendorWorld, rotating: str
) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    act(other_vendor, made, "decline", "No place.")
    with acting_as(other_vendor.actor):
        run([("SELECT set_config('throughline.rotating', %s, true)", (rotating,))])
        for column in ("reason", "clinical_summary"):
            with pytest.raises(IntegrityError, match="never changes"):
                rewrite("handoffs_handoff", column)
        assert rewrite("handoffs_handoffstep", "reason") == 0


@pytest.mark.parametrize(("table", "column"), WORDS)
def test_the_sender_changes_them_only_under_a_new_key(
    vendor: VendorWorld, other_vendor: VendorWorld, table: str, column: str
) -> None:
    made = offer(vendor, other_vendor, vendor.member().person_id)
    act(other_vendor, made, "decline", "No place.")
    with acting_as(vendor.actor):
        with pytest.raises(IntegrityError, match="never changes"):
            rewrite(table, column)
        run([("SELECT set_config('throughline.rotating', 'on', true)", ())])
        assert rewrite(table, column) == 1
