"""What was done is recorded for every tenant concerned at once."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit import recording as audit
from apps.audit.models import Record
from apps.core.actor import SYSTEM_ID, system_actor
from apps.core.database import run
from apps.core.ids import uuid7
from apps.tenants.context import acting_as
from apps.vault.records import encoded
from tests.people import VendorWorld


def test_records_of_two_tenants_are_one_statement_and_each_stands_at_its_own(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    row = uuid7()
    with CaptureQueriesContext(connection) as captured, acting_as(vendor.actor):
        audit.record("a.one", rows=[row], tenant_id=other_vendor.tenant.id, details={"level": 2})
        audit.record("a.two", rows=[row])
    assert len([each for each in captured.captured_queries if "audit_" in each["sql"]]) == 1
    for side, action, details in ((vendor, "a.two", {}), (other_vendor, "a.one", {"level": 2})):
        with acting_as(system_actor(side.tenant.id)):
            found = Record.objects.get(action__startswith="a.")
        assert (found.action, found.rows, found.details) == (action, [row], details)
        assert (found.actor_id, found.door) == (vendor.actor.id, vendor.actor.door)


def test_the_context_is_the_works_own_afterwards(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    entry = {
        "id": str(uuid7()), "tenant_id": str(other_vendor.tenant.id), "occurred_at": "now", "actor_kind": "system",
        "actor_id": str(SYSTEM_ID), "actor_name": "", "action": "a.one", "reason": "", "door": "", "address": "",
        "request_id": "", "details": {}, "rows": [],
    }  # fmt: skip
    with acting_as(vendor.actor):
        run([("SELECT audit_append_to_each(%s::jsonb)", (encoded([entry]),))])
        assert run([("SELECT current_setting('throughline.tenant_id')", ())])[0] == [(str(vendor.tenant.id),)]
