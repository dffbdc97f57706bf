"""Raw statements for the hot paths: bound on the server, prepared, several in one trip; and transactions in few trips."""

import select
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from django.conf import settings
from django.db import connection, transaction

Statement = tuple[str, Sequence[object]]


@dataclass(slots=True)
class _Opening:
    """A transaction of `transaction_beginning_with`; `first` waits until the first statement takes it along."""

    first: Statement | None


_opening: ContextVar[_Opening | None] = ContextVar("throughline_opening", default=None)


class Refused(Exception):
    """The statement that a transaction began with refused to open it (SQLSTATE 28000); nothing else was done."""


@contextmanager
def transaction_beginning_with(first: Statement) -> Iterator[None]:
    """A transaction whose BEGIN and `first` go to the server with its first statement, in the same trip.

    `first` must refuse by raising with SQLSTATE 28000, so that nothing behind it is done; `Refused` then comes from
    the first statement. Inside an open transaction there is nothing to begin, and `first` is run at once.
    """
    if connection.in_atomic_block:
        run([first])
        yield
        return
    _drop_if_broken()
    with transaction.atomic(), connection.execute_wrapper(_begin_before_cursor):
        # Django counts a transaction from here on, which psycopg would open in a trip of its own: `_begin` does it.
        _raw().autocommit = True
        token = _opening.set(_Opening(first))
        try:
            yield
        finally:
            _opening.reset(token)


def run(statements: Sequence[Statement], *, commit: bool = False) -> list[list[tuple[Any, ...]]]:
    """Run the statements in order in one pipelined trip and return each one's rows.

    Must be called inside an open transaction. An error in one of them fails all that follow. With `commit` the
    COMMIT of a `transaction_beginning_with` goes along, which then has none left to send: for its last statements.
    """
    connection.ensure_connection()
    raw = _raw()
    opening = _opening.get()
    begun = [opening.first] if opening and opening.first else []
    commit = commit and opening is not None and not connection.savepoint_ids and not connection.needs_rollback
    cursors: list[psycopg.Cursor[Any]] = []
    started = time.perf_counter()
    with _errors_translated():
        if len(statements) == 1 and not begun and not commit:
            cursors.append(_execute(raw, *statements[0]))
        else:
            with raw.pipeline():
                if opening and begun:
                    raw.execute("BEGIN")
                    opening.first = None
                cursors.extend(_execute(raw, sql, params) for sql, params in (*begun, *statements))
                if commit:
                    raw.commit()
        answers = [cursor.fetchall() if cursor.description else [] for cursor in cursors[len(begun) :]]
    if connection.queries_logged:
        elapsed = time.perf_counter() - started
        connection.queries_log.extend({"sql": sql, "time": f"{elapsed:.3f}"} for sql, _ in (*begun, *statements))
    return answers


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        with connection.wrap_database_errors:
            yield
    except Exception as error:
        if isinstance(error.__cause__, psycopg.errors.InvalidAuthorizationSpecification):
            raise Refused from None
        raise


def _begin_before_cursor(
    execute: Callable[..., Any], sql: str, params: object, many: bool, context: dict[str, Any]
) -> Any:
    """Django's own statements find the transaction begun as well."""
    opening = _opening.get()
    if opening and opening.first:
        run([])
    return execute(sql, params, many, context)


def _drop_if_broken() -> None:
    """Close a connection that the server has closed meanwhile, so that the transaction begins on a new one.

    An idle connection has nothing to say: what can be read from it is its end.
    """
    if connection.connection is None:
        connection.ensure_connection()
        return
    poll = select.poll()
    poll.register(_raw().fileno(), select.POLLIN)
    if _raw().closed or poll.poll(0):
        connection.close()
        connection.ensure_connection()


def _raw() -> "psycopg.Connection[Any]":
    return cast("psycopg.Connection[Any]", connection.connection)


def _execute(raw: "psycopg.Connection[Any]", sql: Any, params: Sequence[object]) -> "psycopg.Cursor[Any]":
    cursor = psycopg.Cursor(raw)
    cursor.execute(sql, params, prepare=settings.DATABASE_PREPARE)
    return cursor
