"""Monthly partitions of the tables that only grow.

`partition_by_month` is a migration operation on a table that Django has just created empty; it puts a
partitioned table of the same shape in its place. Months are made ahead by a job through `ensure_months`, which
the owner's function does for the application, since it may not create tables.
"""

from typing import Any

from django.db.migrations.operations.special import RunPython, RunSQL

# A partition of its own for what lies outside the prepared months, so that no row is ever refused.
ENSURE = """
CREATE OR REPLACE FUNCTION tenants_ensure_months(parent text, first date, last date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    month date := date_trunc('month', first);
    child text;
    made integer := 0;
BEGIN
    IF parent NOT IN ('audit_record', 'events_event') THEN
        RAISE EXCEPTION 'no monthly table of that name';
    END IF;
    IF first < now() - interval '15 months' OR last > now() + interval '15 months' THEN
        RAISE EXCEPTION 'months are made for a year before and after now';
    END IF;
    WHILE month <= last LOOP
        child := parent || '_' || to_char(month, 'YYYYMM');
        IF to_regclass(child) IS NULL THEN
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                           child, parent, month, month + interval '1 month');
            made := made + 1;
        END IF;
        month := month + interval '1 month';
    END LOOP;
    RETURN made;
END $$
"""


def partition_by_month(table: str, column: str, first: str = "now() - interval '13 months'") -> list[RunSQL]:
    return [
        RunSQL(
            f"""
            ALTER TABLE {table} RENAME TO {table}_plain;
            CREATE TABLE {table} (LIKE {table}_plain INCLUDING DEFAULTS INCLUDING STORAGE)
                PARTITION BY RANGE ({column});
            DROP TABLE {table}_plain;
            ALTER TABLE {table} ADD PRIMARY KEY (tenant_id, id, {column});
            CREATE TABLE {table}_outside PARTITION OF {table} DEFAULT;
            """,
            RunSQL.noop,
        ),
        RunSQL(ENSURE, RunSQL.noop),
        RunSQL(
            f"SELECT tenants_ensure_months('{table}', ({first})::date, (now() + interval '3 months')::date)",
            RunSQL.noop,
        ),
    ]


# The months that have no part of the index yet.
WITHOUT_PART = """
SELECT month.inhrelid::regclass::text FROM pg_inherits month
WHERE month.inhparent = %s::regclass AND NOT EXISTS (
    SELECT FROM pg_inherits part JOIN pg_index i ON i.indexrelid = part.inhrelid
    WHERE part.inhparent = %s::regclass AND i.indrelid = month.inhrelid)
ORDER BY 1
"""


def index_by_month(table: str, name: str, columns: str) -> RunPython:
    """An index on a monthly table, made month by month without keeping writers waiting; months to come have it too.

    Belongs into a migration with `atomic = False`, and can be run again after a failure.
    """

    def make(_: Any, editor: Any) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute(f"CREATE INDEX IF NOT EXISTS {name} ON ONLY {table} ({columns})")
            cursor.execute(WITHOUT_PART, [table, name])
            for (month,) in cursor.fetchall():
                part = name + month.removeprefix(table)
                # What an interrupted run left is not valid.
                cursor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {part}")
                cursor.execute(f"CREATE INDEX CONCURRENTLY {part} ON {month} ({columns})")
                cursor.execute(f"ALTER INDEX {name} ATTACH PARTITION {part}")

    def drop(_: Any, editor: Any) -> None:
        with editor.connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {name}")

    return RunPython(make, drop)
