"""Several prepared statements in one trip: what psycopg's pipeline does, with one send and no cursors.

psycopg's own pipeline flushes after each statement and makes a cursor for each, which on the hot paths costs more than
the statements do. Here all are queued in libpq, sent together, and read back together; values are adapted by psycopg.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from psycopg import abc, adapt, generators, pq

Rows = list[tuple[Any, ...]]

# Beyond this many forms of statements on one connection, further ones are sent without being prepared.
MOST_PREPARED = 500
_STALE = {"0A000", "26000"}
_PLACEHOLDER = re.compile(rb"%([s%])")


@dataclass(slots=True)
class _Prepared:
    """The names of the statements that the server of one connection has prepared, by text and parameter types."""

    names: dict[tuple[bytes, tuple[int, ...]], bytes] = field(default_factory=dict)
    made: int = 0


@dataclass(slots=True)
class _Message:
    """One message that answers with a result; `wanted` if it has rows to give, `key` and `name` if it prepares."""

    send: Callable[[], None]
    wanted: bool = False
    key: tuple[bytes, tuple[int, ...]] | None = None
    name: bytes = b""


_prepared: WeakKeyDictionary[psycopg.Connection[Any], _Prepared] = WeakKeyDictionary()


def run_together(
    connection: "psycopg.Connection[Any]",
    statements: Sequence[tuple[str, Sequence[object]]],
    *,
    begin: bool,
    commit: bool,
    prepare: bool,
) -> list[Rows]:
    """The rows of each statement, all run in order in one trip, between BEGIN and COMMIT as asked.

    Parameters are `%s`. The first error is raised and nothing behind it is done; the connection can go on.
    """
    pgconn = connection.pgconn
    known = _prepared.setdefault(connection, _Prepared())
    transformer = adapt.Transformer(connection)
    # Values that cannot be adapted raise here, before anything is on its way.
    messages = [_command(pgconn, b"BEGIN")] if begin else []
    for sql, params in statements:
        messages.extend(_messages(pgconn, transformer, known if prepare else None, sql, params))
    if commit:
        messages.append(_command(pgconn, b"COMMIT"))
    with connection.lock:
        pgconn.enter_pipeline_mode()
        try:
            for message in messages:
                message.send()
            pgconn.pipeline_sync()
            results = connection.wait(_fetch(pgconn, len(messages) + 1))
        finally:
            if pgconn.status == pq.ConnStatus.OK:
                pgconn.exit_pipeline_mode()
    return list(_rows(transformer, known, messages, results))


def _command(pgconn: pq.abc.PGconn, command: bytes) -> _Message:
    return _Message(partial(pgconn.send_query_params, command, None))


def _messages(
    pgconn: pq.abc.PGconn, transformer: abc.Transformer, known: _Prepared | None, sql: str, params: Sequence[object]
) -> Iterator[_Message]:
    query, formats = _converted(sql, len(params))
    values = transformer.dump_sequence(params, formats)
    types, value_formats = transformer.types or (), transformer.formats
    key = (query, tuple(types))
    name = known.names.get(key) if known else None
    if known and name is None and known.made < MOST_PREPARED:
        known.made += 1
        name = b"t%d" % known.made
        yield _Message(partial(pgconn.send_prepare, name, query, types), key=key, name=name)
    if name is None:
        yield _Message(partial(pgconn.send_query_params, query, values, types, value_formats), wanted=True)
    else:
        yield _Message(partial(pgconn.send_query_prepared, name, values, value_formats), wanted=True)


@lru_cache(maxsize=1024)
def _converted(sql: str, count: int) -> tuple[bytes, list[adapt.PyFormat]]:
    """The statement with the server's own placeholders, for `count` parameters."""
    numbers = iter(range(1, count + 1))
    query = _PLACEHOLDER.sub(lambda found: b"%" if found[1] == b"%" else b"$%d" % next(numbers), sql.encode())
    return query, [adapt.PyFormat.AUTO] * count


def _fetch(pgconn: pq.abc.PGconn, amount: int) -> abc.PQGen[list[pq.abc.PGresult]]:
    yield from generators.send(pgconn)
    found = []
    for _ in range(amount):
        found.extend((yield from generators.fetch_many(pgconn)))
    return found


def _rows(
    transformer: abc.Transformer, known: _Prepared, messages: Sequence[_Message], results: Sequence[pq.abc.PGresult]
) -> Iterator[Rows]:
    for message, result in zip(messages, results, strict=False):
        if result.status == pq.ExecStatus.FATAL_ERROR:
            error = psycopg.errors.error_from_result(result)
            if error.sqlstate in _STALE:
                # A table has changed under a plan, or a pooler gave us another server: prepare anew.
                known.names.clear()
            raise error
        if message.key is not None:
            known.names[message.key] = message.name
        if not message.wanted:
            continue
        if result.status == pq.ExecStatus.TUPLES_OK:
            transformer.set_pgresult(result)
            yield transformer.load_rows(0, result.ntuples, tuple)
        else:
            yield []
