"""The boot check refuses a database on which tenants would not be kept apart."""

from collections.abc import Iterator

import pytest
from django.db import connections

from apps.stack.checks import refuse_unsafe_database, why_unsafe
from apps.stack.errors import CannotStart
from apps.stack.postgres import SUPERUSER
from tests.ground import services


@pytest.fixture
def superuser() -> Iterator[str]:
    connections.databases["superuser"] = {**connections.databases["default"], "USER": SUPERUSER}
    yield "superuser"
    connections["superuser"].close()
    del connections.databases["superuser"]


@pytest.fixture
def open_table() -> Iterator[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE left_open (tenant_id uuid)")
        yield "left_open"
        cursor.execute("DROP TABLE left_open")


def test_the_application_role_on_the_migrated_schema_is_accepted() -> None:
    assert why_unsafe() is None
    refuse_unsafe_database()


def test_a_superuser_is_refused(superuser: str) -> None:
    assert "which row security does not bind" in str(why_unsafe(superuser))


def test_the_owner_of_the_tables_is_refused() -> None:
    assert "could switch its row security off" in str(why_unsafe("owner"))


def test_a_tenant_table_without_forced_row_security_is_refused(open_table: str) -> None:
    with pytest.raises(CannotStart, match=f"The table {open_table} has a tenant_id but no forced row security"):
        refuse_unsafe_database()


def test_an_unreachable_database_is_one_sentence_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    connections["default"].close()
    monkeypatch.setitem(connections["default"].settings_dict, "HOST", str(services().places.sockets))

    with pytest.raises(CannotStart) as refused:
        refuse_unsafe_database()

    assert str(refused.value) == (
        "The database cannot be reached; see that PostgreSQL runs and that DATABASE_URL names it."
    )
