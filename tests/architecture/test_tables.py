"""Tables of tenants are closed to other tenants, and migrations are named by what they do."""

from collections.abc import Iterable

import pytest
from django.apps import apps
from django.db import connection, connections, migrations, models
from django.db.migrations.loader import MigrationLoader

from apps.tenants.models import TenantOwned

OPEN = """
SELECT wanted FROM unnest(%s::text[]) AS wanted
LEFT JOIN pg_class c ON c.oid = to_regclass(wanted)
WHERE c.oid IS NULL OR NOT (c.relrowsecurity AND c.relforcerowsecurity)
   OR NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)
"""


def not_isolated(tables: Iterable[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [list(tables)])
        return [row[0] for row in cursor.fetchall()]


def test_every_table_of_tenants_has_forced_row_security_and_a_policy() -> None:
    tables = {model._meta.db_table for model in apps.get_models() if issubclass(model, TenantOwned)}
    with_a_tenant = {
        model._meta.db_table
        for model in apps.get_models()
        if any(field.column == "tenant_id" for field in model._meta.concrete_fields)
    }
    assert len(tables) > 15
    assert not_isolated(sorted(tables | with_a_tenant)) == []


@pytest.mark.parametrize(
    "secured", ["", "ALTER TABLE planted ENABLE ROW LEVEL SECURITY", "ALTER TABLE planted FORCE ROW LEVEL SECURITY"]
)
def test_a_table_left_open_is_found(secured: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE planted (id uuid PRIMARY KEY, tenant_id uuid)")
        try:
            if secured:
                cursor.execute(secured)
            assert not_isolated(["planted"]) == ["planted"]
        finally:
            cursor.execute("DROP TABLE planted")


class Planted(migrations.Migration):
    operations = (migrations.AddField("note", "mood", models.IntegerField()),)


def named_by_the_machine(found: Iterable[migrations.Migration]) -> list[str]:
    """Those that have the name that makemigrations would give them."""
    return [each.name for each in found if each.name[:5] != "0001_" and each.name[5:] == each.suggest_name()]


def test_no_migration_was_named_by_the_machine() -> None:
    ours = [each for each in MigrationLoader(None).disk_migrations.values() if each.__module__.startswith("apps.")]
    assert named_by_the_machine(ours) == []
    assert all(each.name in {"0001_initial"} or not each.name.startswith("0001_") for each in ours)


def test_a_migration_with_the_machines_name_is_found() -> None:
    assert named_by_the_machine([Planted("0002_note_mood", "notes")]) == ["0002_note_mood"]
    assert named_by_the_machine([Planted("0002_notes_know_the_mood", "notes")]) == []
