"""`record`: note who did what, in the transaction that does it."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

import msgspec

from apps.core.clock import now
from apps.core.database import Statement
from apps.core.ids import uuid7
from apps.tenants.context import Work, current_work, switch_to

INSERT = """
INSERT INTO audit_record (id, tenant_id, occurred_at, actor_kind, actor_id, actor_name, action, member_id, reason,
                          door, address, request_id, details, rows)
"""
ROW = "%s, %s, %s, %s, %s, %s, %s, %s::uuid, %s, %s, %s, %s, %s::jsonb"


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
) -> None:
    """Record that the acting actor did `action` to `rows`, in the tenant that the work is in now.

    `details` takes ids, codes and numbers only: never a word that a person wrote. Written before the commit;
    if that fails, so does the change.
    """
    work = current_work()
    work.add("audit", Entry(work.tenant_id, action, list(rows), member_id, reason, details or {}))


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
    """One insert for each tenant concerned, the actor's own first."""
    entries = [entry for entry in work.pending["audit"] if isinstance(entry, Entry)]
    entries.sort(key=lambda entry: (entry.tenant_id != work.actor.tenant_id, entry.tenant_id))
    written: list[Statement] = []
    inside = work.actor.tenant_id
    for tenant_id, group in groupby(entries, key=lambda entry: entry.tenant_id):
        if tenant_id != inside:
            written.append(switch_to(tenant_id))
            inside = tenant_id
        rows = [_values(work, entry) for entry in group]
        values = ", ".join([f"({ROW}, %s::uuid[])"] * len(rows))
        written.append((f"{INSERT} VALUES {values}", [value for row in rows for value in row]))
    if inside != work.actor.tenant_id:
        written.append(switch_to(work.actor.tenant_id))
    return written


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
