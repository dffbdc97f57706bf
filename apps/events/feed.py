"""Reading events: the feed of a tenant (oldest first) and the timeline of a member (newest first).

A cursor is an event's id. Ids are committed in their order within one tenant (see `models`), so `id > cursor` never
skips an event.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.core.database import run
from apps.core.errors import Invalid

# Actor and data come as JSON text, for the door to decode.
COLUMNS = "id, type, member_id, occurred_at, actor::text, data::text"
Row = tuple[Any, ...]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MILLISECOND = (datetime(9999, 12, 31, tzinfo=UTC) - EPOCH) // timedelta(milliseconds=1)
# A cursor that stands before every event.
BEGINNING = uuid.UUID("00000000-0000-7000-8000-000000000000")


def read_cursor(cursor: str, name: str = "after") -> uuid.UUID:
    """An event's id as a cursor. Raises `Invalid` on `name`, where it was given, when it is not a UUIDv7."""
    try:
        found = uuid.UUID(cursor)
    except ValueError:
        found = None
    if found is None or found.version != 7 or str(found) != cursor.lower():
        raise Invalid.field(name, "This is not a cursor; use an event's id or a next_cursor.")
    return found


def recorded_at(event_id: uuid.UUID) -> datetime:
    """When the id was made, to the millisecond below: lets the database leave out the months before.

    A cursor may be made up: one beyond the last year that a date can have stands at its end.
    """
    return EPOCH + timedelta(milliseconds=min(event_id.int >> 80, LAST_MILLISECOND))


def cursor_at(moment: datetime) -> uuid.UUID:
    """A cursor before every event from that millisecond on."""
    milliseconds = min(max((moment - EPOCH) // timedelta(milliseconds=1), 0), LAST_MILLISECOND)
    return uuid.UUID(int=BEGINNING.int | milliseconds << 80)


def after(
    tenant_id: uuid.UUID,
    cursor: uuid.UUID | None,
    *,
    type: str | None = None,
    member_id: uuid.UUID | None = None,
    limit: int = 100,
) -> Sequence[Row]:
    """Up to `limit` events behind `cursor`, oldest first."""
    where, params = ["tenant_id = %s"], list[object]([tenant_id])
    if cursor is not None:
        where += ["id > %s", "recorded_at >= %s"]
        params += [cursor, recorded_at(cursor)]
    if type is not None:
        where.append("type = %s")
        params.append(type)
    if member_id is not None:
        where.append("member_id = %s")
        params.append(member_id)
    sql = f"SELECT {COLUMNS} FROM events_event WHERE {' AND '.join(where)} ORDER BY id LIMIT %s"
    return run([(sql, (*params, limit))])[0]


def timeline(
    tenant_id: uuid.UUID,
    member_id: uuid.UUID,
    before: uuid.UUID | None,
    *,
    limit: int,
    types: Sequence[str] = (),
    leaving_out: Mapping[str, str] | None = None,
) -> Sequence[Row]:
    """Up to `limit` events of a member, newest first, older than `before`; of some `types` alone, if named.

    `leaving_out` names what the data of an event must not say, key by key.
    """
    where, params = ["tenant_id = %s", "member_id = %s"], list[object]([tenant_id, member_id])
    if before is not None:
        where.append("id < %s")
        params.append(before)
    if types:
        where.append("type = ANY(%s)")
        params.append(list(types))
    for key, value in (leaving_out or {}).items():
        where.append("data ->> %s IS DISTINCT FROM %s")
        params += [key, value]
    sql = f"SELECT {COLUMNS} FROM events_event WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT %s"
    return run([(sql, (*params, limit))])[0]


def newest(tenant_id: uuid.UUID) -> uuid.UUID | None:
    """The id of the tenant's newest event: where a stream without `Last-Event-ID` begins."""
    rows = run([("SELECT id FROM events_event WHERE tenant_id = %s ORDER BY id DESC LIMIT 1", (tenant_id,))])[0]
    return rows[0][0] if rows else None
