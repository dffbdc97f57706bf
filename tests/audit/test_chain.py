"""The seals name what was tampered with. Tampering takes the superuser: the application may only add rows."""

import uuid

import psycopg
import pytest

from apps.audit.chain import Fault, seal_settled, verify
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from tests.ground import services
from tests.people import VendorWorld


@pytest.fixture
def rows(vendor: VendorWorld) -> list[uuid.UUID]:
    """Three sealed rows or more, in order."""
    for _ in range(3):
        vendor.api.get("/members/")
    with acting_as(system_actor(vendor.tenant.id)):
        assert seal_settled() >= 3
    return [
        row[0] for row in tamper("SELECT id FROM audit_record WHERE tenant_id = %s ORDER BY xact, id", vendor.tenant.id)
    ]


def tamper(sql: str, *params: object) -> list[tuple[uuid.UUID]]:
    with psycopg.connect(services().superuser_database_url) as connection:
        cursor = connection.execute(sql.encode(), params)
        return cursor.fetchall() if cursor.description else []


def faults(vendor: VendorWorld) -> list[Fault]:
    with acting_as(system_actor(vendor.tenant.id)):
        return list(verify())


def test_an_untouched_record_has_no_fault(vendor: VendorWorld, rows: list[uuid.UUID]) -> None:
    assert faults(vendor) == []


def test_an_altered_row_is_named(vendor: VendorWorld, rows: list[uuid.UUID]) -> None:
    tamper("UPDATE audit_record SET action = 'member.read' WHERE id = %s", rows[1])
    assert [(fault.row_id, fault.what) for fault in faults(vendor)] == [(rows[1], "the row was altered")]


def test_a_removed_row_is_named(vendor: VendorWorld, rows: list[uuid.UUID]) -> None:
    tamper("DELETE FROM audit_record WHERE id = %s", rows[1])
    assert [(fault.row_id, fault.what) for fault in faults(vendor)] == [(rows[1], "the row was removed")]


def test_a_removed_seal_is_noticed(vendor: VendorWorld, rows: list[uuid.UUID]) -> None:
    vendor.api.get("/members/")
    with acting_as(system_actor(vendor.tenant.id)):
        seal_settled()
    tamper("DELETE FROM audit_seal WHERE tenant_id = %s AND number = 1", vendor.tenant.id)
    assert any("missing" in fault.what for fault in faults(vendor))
