"""Raw statements for the hot paths: bound on the server, prepared, several in one trip; and transactions in few trips."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import msgspec
import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

from apps.core.pipeline import run_together, wire_of

Statement = tuple[str, Sequence[object]]

BEGIN: Statement = ("BEGIN", ())
COMMIT: Statement = ("COMMIT", ())


@dataclass(slots=True)
class _Opening:
    """A transaction of `transaction_beginning_with`. The next trip takes along what is `waiting`.

    Until it has `begun`, that trip begins it with `first`.
    """

    own: BaseDatabaseWrapper
    first: Statement
    begun: bool = False
    waiting: list[Statement] = field(default_factory=list)


_opening: ContextVar[_Opening | None] = ContextVar("throughline_opening", default=None)


class Refused(Exception):
    """The statement that a transaction began with refused to open it (SQLSTATE 28000); nothing else was done."""


_refusals: dict[str, Callable[[], Exception]] = {"28000": Refused}


def refuses_with(sqlstate: str, make: Callable[[], Exception]) -> None:
    """Have `run` raise what `make` makes where a statement raises this SQLSTATE."""
    _refusals[sqlstate] = make


@contextmanager
def transaction_beginning_with(first: Statement) -> Iterator[None]:
    """A transaction whose BEGIN and `first` go to the server with its first statement, in the same trip.

    `first` must refuse by raising with SQLSTATE 28000, so that nothing behind it is done; `Refused` then comes from
    the first statement. Inside an open transaction there is nothing to begin, and `first` is run at once.
    """
    own = connections[DEFAULT_DB_ALIAS]
    if own.in_atomic_block:
        run([first])
        yield
        return
    _drop_if_broken(own)
    # What Django's `atomic` does, but for psycopg's own mode, which stays autocommit: it is `run` that begins.
    own.in_atomic_block, own.autocommit = True, False
    own.commit_on_exit, own.needs_rollback = True, False
    own.execute_wrappers.append(_begin_before_cursor)
    opening = _Opening(own, first)
    token = _opening.set(opening)
    completed = False
    try:
        yield
        if opening.waiting:
            run([], commit=True)
        completed = True
    finally:
        _opening.reset(token)
        own.execute_wrappers.remove(_begin_before_cursor)
        own.in_atomic_block, own.autocommit = False, True
        _end(own, commit=completed and not own.needs_rollback)


def _end(own: BaseDatabaseWrapper, *, commit: bool) -> None:
    if own.closed_in_transaction:
        # The server has undone it.
        own.connection = None
    elif commit:
        if own.connection.pgconn.transaction_status != TransactionStatus.IDLE:
            own.commit()
        own.run_and_clear_commit_hooks()
    else:
        own.needs_rollback = False
        try:
            own.rollback()
        except Error:
            own.close()


def run(statements: Sequence[Statement], *, commit: bool = False) -> list[list[tuple[Any, ...]]]:
    """Run the statements in order in one pipelined trip and return each one's rows.

    Must be called inside an open transaction. An error in one of them fails all that follow. With `commit` the
    COMMIT of a `transaction_beginning_with` goes along: for its last statements.
    """
    opening = _opening.get()
    own = opening.own if opening else connections[DEFAULT_DB_ALIAS]
    own.ensure_connection()
    raw: psycopg.Connection[Any] = own.connection
    before: list[Statement] = []
    if opening and not opening.begun:
        before = [BEGIN, opening.first]
    elif not raw.autocommit and raw.pgconn.transaction_status == TransactionStatus.IDLE:
        before = [BEGIN]
    behind = [COMMIT] if commit and opening and not own.savepoint_ids and not own.needs_rollback else []
    if opening:
        before += opening.waiting
        opening.waiting = []
        # What may follow a COMMIT begins anew, in the same tenant.
        opening.begun = not behind
    trip = [*before, *statements, *behind]
    started = time.perf_counter()
    try:
        with own.wrap_database_errors:
            answers = run_together(raw, trip, prepare=settings.DATABASE_PREPARE)
    except DatabaseError as error:
        refusal = _refusals.get(getattr(error.__cause__, "sqlstate", None) or "")
        if refusal is None:
            raise
        raise refusal() from None
    if own.queries_logged:
        elapsed = time.perf_counter() - started
        own.queries_log.extend({"sql": sql, "time": f"{elapsed:.3f}"} for sql, _ in trip)
    return answers[len(before) : len(before) + len(statements)]


def run_as_one(readings: Sequence[Statement]) -> list[list[dict[str, Any]]]:
    """Run readings of no common shape as one statement, hence as of one moment, and return each one's rows by column.

    What JSON cannot say comes as text: ids, instants, and bytes in hexadecimal behind `\\x`.
    """
    if not readings:
        return []
    parts = ", ".join(f"(SELECT coalesce(json_agg(found.*), '[]') FROM ({sql}) found)::text" for sql, _ in readings)
    ((answers,),) = run([(f"SELECT {parts}", [value for _, params in readings for value in params])])
    return [msgspec.json.decode(answer) for answer in answers]


def run_later(statement: Statement) -> None:
    """Run a statement whose rows nobody needs, in the trip of the next one, before it.

    That next one, at the latest the transaction's last, raises what this one raises.
    """
    opening = _opening.get()
    if opening is None:
        run([statement])
    else:
        opening.waiting.append(statement)


def _begin_before_cursor(
    execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]
) -> Any:
    """Django's own statements find the transaction begun as well."""
    opening = _opening.get()
    if opening and (opening.waiting or not opening.begun):
        run([])
    return execute(sql, params, many, context)


def _drop_if_broken(own: BaseDatabaseWrapper) -> None:
    """Close a connection that the server has closed meanwhile, so that the transaction begins on a new one.

    An idle connection has nothing to say: what can be read from it is its end.
    """
    if own.connection is not None and (own.connection.closed or wire_of(own.connection).has_input()):
        own.close()
    own.ensure_connection()
