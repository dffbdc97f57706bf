"""`record`: note who did what, in the transaction that does it."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from apps.core.clock import now
from apps.core.database import Statement, run
from apps.core.ids import uuid7
from apps.tenants.context import Work, current_work

COLUMNS = (
    "id", "tenant_id", "occurred_at", "actor_kind", "actor_id", "actor_name", "action", "member_id", "reason", "door",
    "address", "request_id", "details", "rows",
)  # fmt: skip
INSERT = f"INSERT INTO audit_record ({', '.join(COLUMNS)})"
ROW = "%s, %s, %s, %s, %s, %s, %s, %s::uuid, %s, %s, %s, %s, %s::jsonb"

# By the index on the member, which is null for what was read of several.
ON_RECORD = """
SELECT EXISTS (
    SELECT FROM audit_record
    WHERE tenant_id = %s AND member_id IS NULL AND occurred_at > %s AND actor_id = %s AND action = %s AND reason = %s
      AND address = %s AND rows = %s::uuid[] AND details = %s::jsonb
)
"""


@dataclass(frozen=True, slots=True)
class Entry:
    tenant_id: uuid.UUID
    action: str
    rows: list[uuid.UUID]
    member_id: uuid.UUID | None
    reason: str
    details: Mapping[str, object]


def record(
    action: str,
    *,
    rows: Iterable[uuid.UUID] = (),
    member_id: uuid.UUID | None = None,
    reason: str = "assignment",
    details: Mapping[str, object] | None = None,
    tenant_id: uuid.UUID | None = None,
) -> None:
    """Record that the acting actor did `action` to `rows`, for the tenant that the work is in, or for `tenant_id`.

    `details` takes ids, codes and numbers only: never a word that a person wrote. Written before the commit;
    if that fails, so does the change.
    """
    work = current_work()
    work.add("audit", Entry(tenant_id or work.tenant_id, action, list(rows), member_id, reason, details or {}))


def record_once(
    action: str, *, rows: Sequence[uuid.UUID], within: timedelta, reason: str, details: Mapping[str, object]
) -> None:
    """Record a reading of a page that asks for itself again and again, unless it is on record already.

    On record it is when the same actor, from the same address, read the very same rows with the very same `details`
    less than `within` ago: whatever is shown is named by a record that is no older. The table itself is asked, so that
    a record that never came to be stands in for nothing. What is shown besides the rows belongs into `details`, in
    codes, or a change of it would go unrecorded.
    """
    work = current_work()
    actor = work.actor
    told = msgspec.json.encode(details).decode()
    since = now() - within
    same = (work.tenant_id, since, actor.id, action, reason, actor.address or "", list(rows), told)
    if run([(ON_RECORD, same)])[0][0][0]:
        work.has_read = True
    else:
        record(action, rows=rows, reason=reason, details=details)


def reading(
    found: Statement, *, action: str, member_id: uuid.UUID | None = None, unless_empty: bool = False
) -> Statement:
    """`found` as a statement that also records that the actor did `action` to the rows which it finds, by their `id`.

    So a reading and its record need one trip. The rows keep their order.
    """
    work = current_work()
    work.has_read = True
    sql, params = found
    entry = Entry(work.tenant_id, action, [], member_id, "assignment", {})
    where = "WHERE EXISTS (SELECT FROM found)" if unless_empty else ""
    noted = f"{INSERT} SELECT {ROW}, ARRAY(SELECT id FROM found) {where}"
    together = f"WITH found AS MATERIALIZED ({sql}), noted AS ({noted}) SELECT * FROM found"
    return together, (*params, *_values(work, entry)[:-1])


def statements(work: Work) -> list[Statement]:
    """One insert for all tenants concerned."""
    entries = [entry for entry in work.pending["audit"] if isinstance(entry, Entry)]
    if {entry.tenant_id for entry in entries} == {work.actor.tenant_id}:
        values = ", ".join([f"({ROW}, %s::uuid[])"] * len(entries))
        return [(f"{INSERT} VALUES {values}", [value for entry in entries for value in _values(work, entry)])]
    rows = [dict(zip(COLUMNS, _values(work, entry), strict=True)) | {"details": entry.details} for entry in entries]
    return [("SELECT audit_append_to_each(%s::jsonb)", (msgspec.json.encode(rows).decode(),))]


def _values(work: Work, entry: Entry) -> tuple[object, ...]:
    actor = work.actor
    return (
        uuid7(),
        entry.tenant_id,
        now(),
        actor.kind,
        actor.id,
        actor.name,
        entry.action,
        entry.member_id,
        entry.reason,
        actor.door,
        actor.address or "",
        actor.request_id,
        msgspec.json.encode(entry.details).decode(),
        entry.rows,
    )
