"""The one way to the database: a transaction in which one actor works inside one tenant.

`acting_as` sets the tenant for the transaction alone (safe behind PgBouncer in transaction mode), collects
what the verbs record, and writes audit records and events just before the commit, so that a change, its
record and its events stand or fall together.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import connection

from apps.core.actor import Actor
from apps.core.database import Refused, Statement, run, transaction_beginning_with

Flush = Callable[["Work"], list[Statement]]


@dataclass(slots=True)
class Work:
    """An open transaction: its actor, the tenant it is in now, and what waits to be written before the commit.

    `has_read`: a reading was recorded by the statement that did it.
    """

    actor: Actor
    tenant_id: uuid.UUID
    pending: dict[str, list[object]] = field(default_factory=dict)
    has_read: bool = False

    def add(self, kind: str, record: object) -> None:
        self.pending.setdefault(kind, []).append(record)


_current: ContextVar[Work | None] = ContextVar("throughline_work", default=None)
_flushes: list[tuple[int, str, Flush]] = []


class NoWork(RuntimeError):
    """Something touched a tenant's data outside `acting_as`."""


def flush_before_commit(order: int, kind: str, flush: Flush) -> None:
    """Register the statements that write the records of one kind, lower orders first; all go in one trip."""
    _flushes[:] = sorted([*(entry for entry in _flushes if entry[1] != kind), (order, kind, flush)])


def current_work() -> Work:
    work = _current.get()
    if work is None:
        raise NoWork("Wrap this in `acting_as(actor)`: it needs a tenant and a transaction.")
    return work


def is_at_work() -> bool:
    return _current.get() is not None


class KeyNoLongerValid(Exception):
    """The acting key was revoked or has expired, or its tenant is suspended."""


@contextmanager
def acting_as(actor: Actor, *, durable: bool = True) -> Iterator[Work]:
    """Open the transaction of `actor`; on success write what was recorded, then commit.

    `durable=False` lets a reading's audit row commit asynchronously. A key is checked against the database in the
    statement that sets the tenant, which goes with the work's first one: `KeyNoLongerValid` comes from there when
    the key or its tenant was withdrawn, before anything is read or written. What was recorded goes with the COMMIT.
    """
    if _current.get() is not None:
        raise RuntimeError("acting_as cannot be nested; use `within` for a second tenant.")
    try:
        with transaction_beginning_with(_entering(actor, durable=durable)):
            work = Work(actor=actor, tenant_id=actor.tenant_id)
            token = _current.set(work)
            try:
                yield work
                waiting = [flush(work) for _, kind, flush in _flushes if work.pending.get(kind)]
                if waiting:
                    run([statement for statements in waiting for statement in statements], commit=True)
            finally:
                _current.reset(token)
    except Refused:
        raise KeyNoLongerValid from None


def _entering(actor: Actor, *, durable: bool) -> Statement:
    if actor.kind == "key":
        return ("SELECT keys_enter(%s, %s, %s)", (actor.tenant_id, actor.id, durable))
    return ("SELECT tenants_enter(%s, %s)", (actor.tenant_id, durable))


@contextmanager
def within(tenant_id: uuid.UUID) -> Iterator[None]:
    """Work in a second tenant inside the same transaction, for the few verbs that concern two."""
    work = current_work()
    before = work.tenant_id
    run([switch_to(tenant_id)])
    work.tenant_id = tenant_id
    try:
        yield
    finally:
        work.tenant_id = before
        if not connection.needs_rollback:
            run([switch_to(before)])


def switch_to(tenant_id: uuid.UUID) -> Statement:
    return ("SELECT set_config('throughline.tenant_id', %s, true)", (str(tenant_id),))
