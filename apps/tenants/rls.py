"""Row security as migration operations: no table is open to the application until one of these opens it.

The policy compares `tenant_id` with the transaction's `throughline.tenant_id`; unset, it is null and nothing
matches. Security is forced, so that the owner of the tables is bound by it as well.
"""

from django.conf import settings
from django.db.migrations.operations.special import RunSQL

CURRENT_TENANT = "(nullif(current_setting('throughline.tenant_id', true), ''))::uuid"


def grant(table: str, privileges: str) -> RunSQL:
    role = settings.APP_ROLE.replace('"', '""')
    return RunSQL(
        f'GRANT {privileges} ON "{table}" TO "{role}"',
        f'REVOKE {privileges} ON "{table}" FROM "{role}"',
    )


def secure(table: str) -> RunSQL:
    return RunSQL(
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY',
    )


def policy(
    table: str, name: str, *, using: str | None = None, check: str | None = None, command: str = "ALL"
) -> RunSQL:
    """One named policy; `using` says which rows are seen, `check` which may be written."""
    clauses = f" USING ({using})" if using else ""
    clauses += f" WITH CHECK ({check})" if check else ""
    return RunSQL(
        f'CREATE POLICY "{name}" ON "{table}" FOR {command}{clauses}',
        f'DROP POLICY "{name}" ON "{table}"',
    )


def isolate(table: str, privileges: str = "SELECT, INSERT, UPDATE, DELETE") -> list[RunSQL]:
    """Close a tenant-owned table to every tenant but the row's own, and open it to the application so."""
    own = f"tenant_id = {CURRENT_TENANT}"
    return [
        secure(table),
        policy(table, f"{table}_own_tenant", using=own, check=own),
        grant(table, privileges),
    ]


def open_to_app(table: str, privileges: str) -> list[RunSQL]:
    """Open a table that belongs to no tenant and holds no protected data."""
    return [grant(table, privileges)]
