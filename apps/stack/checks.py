"""The refusal to serve from a database whose tenant isolation would not hold."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

from apps.stack.errors import CannotStart

_FINDINGS = """
WITH mine AS (
    SELECT c.oid, c.relname, c.relowner, c.relispartition, c.relrowsecurity AND c.relforcerowsecurity AS isolated
    FROM pg_class c
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = ANY (
        SELECT oid FROM pg_namespace WHERE nspname = ANY (current_schemas(false))
    )
)
SELECT
    current_user,
    (SELECT rolname FROM pg_roles
     WHERE (rolsuper OR rolbypassrls) AND pg_has_role(current_user, oid, 'MEMBER') LIMIT 1),
    (SELECT relname FROM mine WHERE pg_has_role(current_user, relowner, 'MEMBER') ORDER BY relname LIMIT 1),
    (SELECT relname FROM mine
     WHERE NOT isolated
       AND EXISTS (SELECT FROM pg_attribute a
                   WHERE a.attrelid = mine.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped)
       -- A partition is read through its parent's policy; only one that can be read directly needs its own.
       AND (NOT relispartition OR has_table_privilege(current_user, oid, 'SELECT, INSERT, UPDATE, DELETE'))
     ORDER BY relname LIMIT 1)
"""


def why_unsafe(using: str = DEFAULT_DB_ALIAS) -> str | None:
    """One sentence on why `using`'s role, or the schema, would let one tenant see another; None if neither would.

    Raises Django's `DatabaseError` when the database cannot be asked.
    """
    with connections[using].cursor() as cursor:
        cursor.execute(_FINDINGS)
        row = cursor.fetchone()
    role, too_mighty, owned, open_table = row if row is not None else ("", None, None, None)
    if too_mighty is not None:
        return (
            f"The database role {role} is, or can become, {too_mighty}, which row security does not bind; set "
            "DATABASE_URL to a role that is neither superuser nor BYPASSRLS."
        )
    if owned is not None:
        return (
            f"The database role {role} owns the table {owned} and could switch its row security off; set "
            "DATABASE_URL to a role that owns nothing, and OWNER_DATABASE_URL to the owner."
        )
    if open_table is not None:
        return f"The table {open_table} has a tenant_id but no forced row security; run the migrations to their end."
    return None


def refuse_unsafe_database() -> None:
    """Raise `CannotStart` unless the database is reachable and would keep tenants apart."""
    try:
        reason = why_unsafe()
    except DatabaseError as error:
        raise CannotStart(
            "The database cannot be reached; see that PostgreSQL runs and that DATABASE_URL names it."
        ) from error
    finally:
        # Servers fork and pool after this; none of them may inherit the socket.
        connection.close()
    if reason is not None:
        raise CannotStart(reason)
