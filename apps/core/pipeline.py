"""Several prepared statements in one trip: what psycopg's pipeline does, with one send and no cursors.

psycopg's own pipeline flushes after each statement and makes a cursor for each, which on the hot paths costs more than
the statements do. Here all are queued in libpq, sent together, and read back together; values are adapted by psycopg.
"""

import re
import select
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import psycopg
from psycopg import adapt, pq
from psycopg.types.datetime import TimestamptzLoader

Rows = list[tuple[Any, ...]]
Form = tuple[bytes, tuple[int, ...]]

# Beyond this many forms of statements on one connection, further ones are sent without being prepared.
MOST_PREPARED = 500
_STALE = {"0A000", "26000"}
_PLACEHOLDER = re.compile(rb"%([s%])")


class Wire:
    """What is kept of one connection: the names of its prepared statements by text and parameter types, its adapters.

    It is psycopg's context of adaptation.
    """

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self.connection = connection
        self.adapters = adapt.AdaptersMap(connection.adapters)
        # Django's own is Python, called for each instant; the session's time zone is UTC already.
        self.adapters.register_loader("timestamptz", TimestamptzLoader)
        self.transformer = adapt.Transformer(self)
        self.names: dict[Form, bytes] = {}
        self.made = 0
        self._number = connection.fileno()
        self._poll = select.poll()
        self._poll.register(self._number, select.POLLIN)

    def has_input(self) -> bool:
        return bool(self._poll.poll(0))

    def wait(self) -> None:
        self._poll.poll()

    def wait_to_send(self) -> None:
        self._poll.modify(self._number, select.POLLIN | select.POLLOUT)
        self._poll.poll()
        self._poll.modify(self._number, select.POLLIN)


@dataclass(slots=True)
class _Message:
    """One message that answers with a result; `wanted` if that is a statement's, `form` and `name` if it prepares."""

    send: Callable[[], None]
    wanted: bool = True
    form: Form | None = None
    name: bytes = field(default=b"")


def wire_of(connection: "psycopg.Connection[Any]") -> Wire:
    """Kept on the connection itself, so that it ends with it."""
    kept = vars(connection)
    found: Wire = kept.get("throughline_wire") or kept.setdefault("throughline_wire", Wire(connection))
    return found


def run_together(
    connection: "psycopg.Connection[Any]", statements: Sequence[tuple[str, Sequence[object]]], *, prepare: bool
) -> list[Rows]:
    """The rows of each statement, all run in order in one trip; BEGIN and COMMIT are statements like others.

    Parameters are `%s`. The first error is raised and nothing behind it is done; the connection can go on.
    """
    pgconn, wire = connection.pgconn, wire_of(connection)
    # Values that cannot be adapted raise here, before anything is on its way.
    messages = [
        message for sql, params in statements for message in _messages(pgconn, wire, sql, params, prepare=prepare)
    ]
    with connection.lock:
        pgconn.enter_pipeline_mode()
        try:
            for message in messages:
                message.send()
            pgconn.pipeline_sync()
            results = list(_results(pgconn, wire))
            pgconn.exit_pipeline_mode()
        except BaseException:
            # What may still come belongs to nobody.
            connection.close()
            raise
    return list(_rows(wire, messages, results))


def _messages(
    pgconn: pq.abc.PGconn, wire: Wire, sql: str, params: Sequence[object], *, prepare: bool
) -> Iterator[_Message]:
    query, formats = _converted(sql, len(params))
    transformer = wire.transformer
    values = transformer.dump_sequence(params, formats)
    types, value_formats = transformer.types or (), transformer.formats
    form = (query, tuple(types))
    name = wire.names.get(form) if prepare else None
    if prepare and name is None and wire.made < MOST_PREPARED:
        wire.made += 1
        name = b"t%d" % wire.made
        yield _Message(partial(pgconn.send_prepare, name, query, types), wanted=False, form=form, name=name)
    if name is None:
        yield _Message(partial(pgconn.send_query_params, query, values, types, value_formats))
    else:
        yield _Message(partial(pgconn.send_query_prepared, name, values, value_formats))


@lru_cache(maxsize=1024)
def _converted(sql: str, count: int) -> tuple[bytes, list[adapt.PyFormat]]:
    """The statement with the server's own placeholders, for `count` parameters."""
    numbers = iter(range(1, count + 1))
    query = _PLACEHOLDER.sub(lambda found: b"%" if found[1] == b"%" else b"$%d" % next(numbers), sql.encode())
    return query, [adapt.PyFormat.AUTO] * count


def _results(pgconn: pq.abc.PGconn, wire: Wire) -> Iterator[pq.abc.PGresult]:
    """Each message's result, until the server says that the trip is over."""
    while pgconn.flush():
        # The server reads on only if what it answers is taken.
        wire.wait_to_send()
        pgconn.consume_input()
    while True:
        while pgconn.is_busy():
            wire.wait()
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            continue
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            return
        yield result


def _rows(wire: Wire, messages: Sequence[_Message], results: Sequence[pq.abc.PGresult]) -> Iterator[Rows]:
    for message, result in zip(messages, results, strict=False):
        if result.status == pq.ExecStatus.FATAL_ERROR:
            error = psycopg.errors.error_from_result(result)
            if error.sqlstate in _STALE:
                # A table has changed under a plan, or a pooler gave us another server: prepare anew.
                wire.names.clear()
            raise error
        if message.form is not None:
            wire.names[message.form] = message.name
        if not message.wanted:
            continue
        if result.status == pq.ExecStatus.TUPLES_OK:
            wire.transformer.set_pgresult(result)
            yield wire.transformer.load_rows(0, result.ntuples, tuple)
        else:
            yield []
