"""What refers from one tenant's row to another row of a tenant carries the tenant, or is named here with the reason."""

from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import connection, connections, models

from apps.tenants.models import TenantOwned

# A packet and a receipt of a reading are of one of a handoff's two sides: the policies on writing them say which.
EXCEPTIONS = {("handoffs_packet", "handoff_id"), ("handoffs_packetread", "handoff_id")}

# Foreign keys between tables with a tenant: the referring columns, and whether it compares the tenants and is validated.
KEYS = """
SELECT k.conrelid::regclass::text,
    ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = ANY (k.conkey)),
    k.convalidated AND EXISTS (
        SELECT FROM unnest(k.conkey, k.confkey) AS pair (own, other)
        WHERE pair.own = child.attnum AND pair.other = parent.attnum)
FROM pg_constraint k
JOIN pg_attribute child ON child.attrelid = k.conrelid AND child.attname = 'tenant_id'
JOIN pg_attribute parent ON parent.attrelid = k.confrelid AND parent.attname = 'tenant_id'
WHERE k.contype = 'f' AND k.conparentid = 0
"""
Reference = tuple[str, str]


def keys() -> list[tuple[str, list[str], bool]]:
    with connection.cursor() as cursor:
        cursor.execute(KEYS)
        return list(cursor.fetchall())


def without_the_tenant() -> set[Reference]:
    return {
        (table, column)
        for table, columns, complete in keys()
        if not complete
        for column in columns
        if column != "tenant_id"
    }


def kept() -> set[Reference]:
    return {(table, column) for table, columns, complete in keys() if complete for column in columns}


def declared(found: Iterable[type[models.Model]]) -> set[Reference]:
    """The references between tenants' tables that the models speak of."""
    return {
        (model._meta.db_table, field.column)
        for model in found
        if issubclass(model, TenantOwned)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantOwned)
    }


def test_every_reference_between_tenants_tables_carries_the_tenant() -> None:
    assert without_the_tenant() - EXCEPTIONS == set()


def test_every_reference_that_a_model_declares_is_kept_by_the_database() -> None:
    found = declared(apps.get_models())
    assert len(found) > 8
    assert found - kept() == EXCEPTIONS


@pytest.mark.parametrize(
    "key",
    ["(note_id) REFERENCES notes_note (id)", "(tenant_id, note_id) REFERENCES notes_note (tenant_id, id) NOT VALID"],
)
def test_a_reference_without_the_tenant_or_unproven_is_found(key: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE planted_child (id uuid PRIMARY KEY, tenant_id uuid, note_id uuid)")
        try:
            cursor.execute(f"ALTER TABLE planted_child ADD FOREIGN KEY {key}")
            assert without_the_tenant() - EXCEPTIONS == {("planted_child", "note_id")}
        finally:
            cursor.execute("DROP TABLE planted_child")
