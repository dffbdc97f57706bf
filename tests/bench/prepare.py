"""Makes, once for each size, what the measurements need beside the load data: keys for the streams, and the floor's tables.

The floor's tables hold the same members in plain columns under no row security, in a schema of their own. Run inside Django.
"""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import psycopg
from django.conf import settings
from django.db import connections

from apps.core.actor import system_actor
from apps.keys import actions as keys
from apps.keys.models import SCOPES
from apps.members.models import COLUMNS
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant
from apps.vault import cipher

KEYS = 101
MEMBERS = 2_000
UNLIMITED = 1_000_000_000
MAKE = """
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE TABLE bench.member (
    assignment_id uuid NOT NULL, id uuid PRIMARY KEY, external_id text, first_name text, last_name text,
    preferred_name text, pronouns text, email text, phone text, date_of_birth text, timezone text, status text,
    assigned_at timestamptz, clinician_id uuid, clinician_name text, risk_level text, open_crisis_flags integer,
    last_session_at timestamptz);
CREATE TABLE bench.session (LIKE public.care_sessions_session INCLUDING DEFAULTS);
ALTER TABLE bench.session ALTER summary TYPE text USING NULL, ALTER homework TYPE text USING NULL;
"""
OPEN = """
CREATE INDEX ON bench.member (assigned_at DESC, assignment_id DESC);
CREATE TABLE bench.tally AS SELECT count(*) AS amount FROM bench.member;
ALTER TABLE bench.session ADD PRIMARY KEY (id);
CREATE INDEX ON bench.session (created_at DESC, id DESC);
CREATE INDEX ON bench.session (member_id, created_at DESC, id DESC);
ANALYZE bench.member;
GRANT USAGE ON SCHEMA bench TO {role};
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA bench TO {role};
"""
READ = f"""
SELECT {COLUMNS} FROM members_assignment a LEFT JOIN accounts_user u ON u.id = a.primary_clinician_id
WHERE a.tenant_id = %s AND a.ended_at IS NULL ORDER BY a.assigned_at DESC, a.id DESC
"""


def main() -> None:
    path = Path(settings.DATA_DIR) / "bench.json"
    if path.exists():
        return
    tenant = Tenant.objects.get(slug="load-1")
    with acting_as(system_actor(tenant.id)):
        made = [keys.issue(name="Bench", scopes=SCOPES, limit_per_minute=UNLIMITED)[1] for _ in range(KEYS)]
    members, clinician = _copy_members(tenant.id)
    path.write_text(json.dumps({"keys": made, "members": members, "clinician": clinician}))


def _copy_members(tenant_id: uuid.UUID) -> tuple[list[str], str]:
    """Fill the floor's tables. Returns ids of members to ask for, and their clinician's."""
    owner = connections["owner"]
    owner.ensure_connection()
    raw = cast("psycopg.Connection[Any]", owner.connection)
    sample: list[str] = []
    clinician = ""
    with raw.transaction():
        raw.execute("SELECT tenants_enter(%s, false)", [tenant_id])
        raw.execute(MAKE)
        found = raw.execute(READ, [tenant_id]).fetchall()
        with psycopg.Cursor(raw) as cursor, cursor.copy("COPY bench.member FROM STDIN") as copy:
            for row in _opened(tenant_id, found):
                copy.write_row(row)
                clinician = str(row[13])
        step = max(1, len(found) // MEMBERS)
        sample.extend(str(row[1]) for row in found[::step][:MEMBERS])
        raw.execute(OPEN.format(role=settings.APP_ROLE))
    return sample, clinician


def _opened(tenant_id: uuid.UUID, found: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    for row in found:
        sealed = cipher.unseal(tenant_id, "members_assignment", "profile", row[0], bytes(row[3]))
        known = json.loads(sealed)
        names = [known.get(name) for name in ("first_name", "last_name", "preferred_name")]
        contact = [known.get(name) for name in ("email", "phone", "date_of_birth")]
        yield (row[0], row[1], row[2], *names, row[4] or None, *contact, *row[5:])
