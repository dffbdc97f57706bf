"""References between tenants' tables as migration operations: each carries the tenant, so that no row refers to another
tenant's.

PostgreSQL checks foreign keys past row security, so one on the id alone takes any tenant's row. `key_with_tenant` gives
the table that is referred to a unique index for it; `refer_within_tenant`, in a later migration, puts the reference in
the place of Django's. Both belong into migrations with `atomic = False`: no statement of theirs keeps writers waiting
while it reads a table, and each can be run again after a failure.
"""

from django.db.migrations.operations.special import RunSQL

FIND_STRAYS = """
DO $$
DECLARE
    tenant uuid;
    strays bigint;
BEGIN
    -- All of both tables is read: looked up row by row, ten million rows took more than an hour.
    PERFORM set_config('enable_nestloop', 'off', true);
    FOR tenant IN SELECT id FROM tenants_tenant LOOP
        PERFORM set_config('throughline.tenant_id', tenant::text, true);
        SELECT count(*) INTO strays FROM "{table}" c WHERE c."{column}" IS NOT NULL
            AND NOT EXISTS (SELECT FROM "{parent}" p WHERE {matched});
        IF strays > 0 THEN
            RAISE EXCEPTION 'rows of {table} refer by {column} to no row of {parent} of their own tenant %; '
                'correct these rows, then migrate again', tenant USING ERRCODE = 'foreign_key_violation';
        END IF;
    END LOOP;
END $$
"""
DROP_PLAIN = """
DO $$
DECLARE
    plain text;
BEGIN
    FOR plain IN
        SELECT c.conname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
        WHERE c.contype = 'f' AND c.conrelid = '"{table}"'::regclass AND a.attname = '{column}'
    LOOP
        EXECUTE format('ALTER TABLE "{table}" DROP CONSTRAINT %I', plain);
    END LOOP;
END $$
"""


def key_with_tenant(table: str, columns: tuple[str, ...] = ("tenant_id", "id")) -> list[RunSQL]:
    """A unique index on the tenant and the id, for others to refer to."""
    name = f"{table}_with_tenant"
    return [
        # What an interrupted run left is not valid.
        RunSQL(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"', RunSQL.noop),
        RunSQL(
            f'CREATE UNIQUE INDEX CONCURRENTLY "{name}" ON "{table}" ({", ".join(columns)})',
            f'DROP INDEX CONCURRENTLY "{name}"',
        ),
    ]


def refer_within_tenant(
    table: str,
    column: str,
    parent: str,
    *,
    sides: tuple[str, ...] = ("tenant_id",),
) -> list[RunSQL]:
    """Make `column` refer to a row of `parent` whose `sides` are those of the referring row.

    Raises when a row of the table refers elsewhere; the message names table, column and tenant.
    """
    name = f"{table}_{column}_own"
    matched = " AND ".join(f'p."{side}" = c."{side}"' for side in sides) + f' AND p.id = c."{column}"'
    names = {"table": table, "column": column, "parent": parent, "matched": matched}
    own = ", ".join(sides)
    return [
        RunSQL(
            f'''
            ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}", ADD CONSTRAINT "{name}"
                FOREIGN KEY ({own}, "{column}") REFERENCES "{parent}" ({own}, id) NOT VALID
            ''',
            f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"',
        ),
        # Validating reads as the owner, whom row security binds: it alone would find nothing to object to.
        RunSQL(FIND_STRAYS.format(**names), RunSQL.noop),
        RunSQL(f'ALTER TABLE "{table}" VALIDATE CONSTRAINT "{name}"', RunSQL.noop),
        RunSQL(
            DROP_PLAIN.format(**names),
            f'''
            ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{column}_plain"
                FOREIGN KEY ("{column}") REFERENCES "{parent}" (id) DEFERRABLE INITIALLY DEFERRED
            ''',
        ),
    ]
