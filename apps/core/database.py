"""Raw statements for the hot paths: bound on the server, prepared, several in one trip."""

import time
from collections.abc import Sequence
from typing import Any, cast

import psycopg
from django.conf import settings
from django.db import connection

Statement = tuple[str, Sequence[object]]


def run(statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """Run the statements in order in one pipelined trip and return each one's rows.

    Must be called inside an open transaction. An error in one of them fails all that follow.
    """
    connection.ensure_connection()
    raw = cast("psycopg.Connection[Any]", connection.connection)
    cursors: list[psycopg.Cursor[Any]] = []
    started = time.perf_counter()
    with connection.wrap_database_errors:
        if len(statements) == 1:
            cursors.append(_execute(raw, *statements[0]))
        else:
            with raw.pipeline():
                cursors.extend(_execute(raw, sql, params) for sql, params in statements)
        answers = [cursor.fetchall() if cursor.description else [] for cursor in cursors]
    if connection.queries_logged:
        elapsed = time.perf_counter() - started
        connection.queries_log.extend({"sql": sql, "time": f"{elapsed:.3f}"} for sql, _ in statements)
    return answers


def _execute(raw: "psycopg.Connection[Any]", sql: Any, params: Sequence[object]) -> "psycopg.Cursor[Any]":
    cursor = psycopg.Cursor(raw)
    cursor.execute(sql, params, prepare=settings.DATABASE_PREPARE)
    return cursor
