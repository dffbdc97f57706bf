"""Load data: members by the million, copied in batches that each commit whole, so that a run can stop and go on.

COPY may not write into tables under row security, so a batch is copied into temporary tables and inserted from there
inside its tenant. A batch's events lie in a slice of the past year after the tenant's newest event, so that their ids
rise with the time they carry, as `events_append` has it.
"""

import threading
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import psycopg
from django.db import connections, transaction
from psycopg import sql
from tqdm import tqdm

from apps.accounts import actions as accounts
from apps.accounts.models import Membership
from apps.audit import recording as audit
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.core.database import run
from apps.demo import way_in
from apps.demo.crowd import EVENTS, Batch, Crowd
from apps.demo.loading import COLUMNS, EVENT_ROWS, INSERTS, LOCK_HEAD, MAKE_TEMPORARY, MOVE_HEAD, TYPES
from apps.keys import actions as keys
from apps.keys.models import SCOPES
from apps.members.models import Assignment
from apps.members.tasks import fold
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID, Tenant
from apps.vault import keyring

BATCH = 5_000
WORKERS = 2
YEAR = timedelta(days=364)
# The last slice ends before now, so that what happens while loading finds its place after it.
MARGIN = timedelta(minutes=10)
UNLIMITED = 1_000_000_000
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TABLES = (
    "members_person", "members_assignment", "members_searchtoken", "members_tally", "care_sessions_session",
    "assessments_assessment", "intelligence_brief", "events_event",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Goal:
    """How many members one vendor is to have, and has."""

    tenant: Tenant
    clinician_id: uuid.UUID
    wanted: int
    found: int


def grow(*, members: int, vendors: int, progress: bool) -> int:
    """Bring `vendors` load vendors to `members` members in total. Returns how many were added.

    Ctrl-C ends it after the batches in hand; the next run goes on from there.
    """
    goals = [_goal(number, members // vendors + (number <= members % vendors)) for number in range(1, vendors + 1)]
    run_months()
    stop = threading.Event()
    left = sum(max(0, goal.wanted - goal.found) for goal in goals)
    with tqdm(total=left, unit=" members", disable=not progress) as bar, ThreadPoolExecutor(WORKERS) as workers:
        running = [workers.submit(_fill, goal, stop, bar) for goal in goals]
        try:
            added = sum(each.result() for each in running)
        finally:
            stop.set()
    if added:
        for goal in goals:
            fold(goal.tenant.id)
        _analyze()
    return added


def run_months() -> None:
    """Make sure that the past year's months have their partitions."""
    today = now().date()
    with acting_as(system_actor(PLATFORM_ID, door="command")):
        run([("SELECT tenants_ensure_months('events_event', %s, %s)", (today - YEAR, today))])


def _goal(number: int, wanted: int) -> Goal:
    slug = f"load-{number}"
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        with acting_as(system_actor(PLATFORM_ID, door="command")):
            tenant = accounts.open_vendor(slug=slug, name=f"Load {number}").live
    with acting_as(system_actor(tenant.id, door="command")):
        role = Membership.Role.CLINICIAN
        clinician = accounts.add_staff(email=f"clinician@{slug}.example.org", name="Dr. Load", role=role)
        found = Assignment.objects.filter(tenant_id=tenant.id).count()
        keyring.ring(tenant.id)
        key = None
        if number == 1 and not _has_key(slug):
            _, key = keys.issue(name="Load", scopes=SCOPES, limit_per_minute=UNLIMITED)
    if key is not None:
        way_in.write_load({"slug": slug, "live_key": key})
    return Goal(tenant, clinician.id, wanted, found)


def _has_key(slug: str) -> bool:
    return slug in way_in.load_slugs()


def _fill(goal: Goal, stop: threading.Event, bar: "tqdm[Any]") -> int:
    """Load one vendor, batch after batch, in a thread with a connection of its own. Returns how many were added."""
    crowd = Crowd(goal.tenant.id, goal.tenant.slug)
    done = goal.found
    try:
        while done < goal.wanted and not stop.is_set():
            numbers = range(done, min(done + BATCH, goal.wanted))
            _load(goal, crowd, numbers)
            done = numbers.stop
            bar.update(len(numbers))
    finally:
        connections.close_all()
    return max(0, done - goal.found)


def _load(goal: Goal, crowd: Crowd, numbers: range) -> None:
    """The rows are written by the owner, whom row security binds as well: the application makes no tables."""
    today = now()
    with acting_as(system_actor(goal.tenant.id, door="command", name="Load"), durable=False):
        audit.record("load.added", reason="load", details={"members": len(numbers)})
        with transaction.atomic(using="owner"), _owner_cursor() as cursor:
            cursor.execute("SELECT tenants_enter(%s, false)", [goal.tenant.id])
            cursor.execute(LOCK_HEAD, [goal.tenant.id])
            found = cursor.fetchone()
            first = max(EPOCH + timedelta(microseconds=found[0] + 1 if found else 0), today - YEAR)
            share = len(numbers) / (goal.wanted - numbers.start)
            amount = len(numbers) * EVENTS
            span = max((today - MARGIN - first) * share, amount * MICROSECOND)
            first_us, step = (first - EPOCH) // MICROSECOND, span // MICROSECOND // amount
            _write(cursor, goal, crowd.batch(numbers, first, span / len(numbers), today), first_us, step)
            cursor.execute(MOVE_HEAD, [amount, first_us + (amount - 1) * step, goal.tenant.id])


def _owner_cursor() -> "psycopg.Cursor[Any]":
    owner = connections["owner"]
    owner.ensure_connection()
    return psycopg.Cursor(cast("psycopg.Connection[Any]", owner.connection))


def _write(cursor: "psycopg.Cursor[Any]", goal: Goal, batch: Batch, first_us: int, step: int) -> None:
    for statement in MAKE_TEMPORARY:
        cursor.execute(statement)
    for table in COLUMNS:
        _copy(cursor, table, getattr(batch, table))
    names = {"tenant": goal.tenant.id, "clinician": goal.clinician_id, "first": first_us, "step": step}
    for insert in (*INSERTS, EVENT_ROWS):
        cursor.execute(insert, names)


def _copy(cursor: "psycopg.Cursor[Any]", table: str, rows: Iterable[tuple[object, ...]]) -> None:
    into = sql.SQL("COPY {} FROM STDIN (FORMAT BINARY)").format(sql.Identifier(f"load_{table}"))
    with cursor.copy(into) as copy:
        copy.set_types(TYPES[table])
        for row in rows:
            copy.write_row(row)


def _analyze() -> None:
    """The planner's figures, as the owner: the application may not gather them."""
    with connections["owner"].cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ANALYZE {table}")
