"""`record`: say that something happened, in the transaction in which it happens."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec
from django.db import transaction

from apps.core.actor import Actor
from apps.core.clock import now
from apps.core.database import Statement
from apps.events.wakeup import announce
from apps.tenants.context import Work, current_work

# Arrays of single parameters: psycopg takes long over a list.
APPEND = (
    "SELECT events_append(%s, ARRAY[{0}]::text[], ARRAY[{0}]::uuid[], ARRAY[{0}]::timestamptz[], "
    "ARRAY[{0}]::text[], ARRAY[{0}]::text[])"
)
APPEND_TO_EACH = (
    "SELECT events_append_to_each(ARRAY[{0}]::uuid[], ARRAY[{0}]::text[], ARRAY[{0}]::uuid[], "
    "ARRAY[{0}]::timestamptz[], ARRAY[{0}]::text[], ARRAY[{0}]::text[])"
)


@dataclass(frozen=True, slots=True)
class Happening:
    tenant_id: uuid.UUID
    type: str
    member_id: uuid.UUID | None
    occurred_at: datetime
    actor: Actor
    data: Mapping[str, object]


def record(
    type: str,
    *,
    member_id: uuid.UUID | None,
    data: Mapping[str, object] | None = None,
    occurred_at: datetime | None = None,
    tenant_id: uuid.UUID | None = None,
    actor: Actor | None = None,
) -> None:
    """Record an event of the contract's types for the tenant that the work is in, or for `tenant_id`.

    It is of the acting actor, or of `actor` where the system follows up on what that one did.
    `data` takes ids, codes and numbers only: never the text of a note or a message.
    """
    work = current_work()
    at = occurred_at or now()
    work.add("events", Happening(tenant_id or work.tenant_id, type, member_id, at, actor or work.actor, data or {}))


def statements(work: Work) -> list[Statement]:
    """One append for all tenants concerned."""
    happenings = [each for each in work.pending["events"] if isinstance(each, Happening)]
    tenants = {each.tenant_id for each in happenings}
    for tenant_id in sorted(tenants):
        transaction.on_commit(partial(announce, tenant_id))
    places = ", ".join(["%s"] * len(happenings))
    values = _values(happenings)
    if tenants == {work.actor.tenant_id}:
        return [(APPEND.format(places), (work.actor.tenant_id, *values))]
    return [(APPEND_TO_EACH.format(places), (*(each.tenant_id for each in happenings), *values))]


def _values(happenings: list[Happening]) -> tuple[object, ...]:
    return (
        *(each.type for each in happenings),
        *(each.member_id for each in happenings),
        *(each.occurred_at for each in happenings),
        *(msgspec.json.encode(each.actor.reference()).decode() for each in happenings),
        *(msgspec.json.encode(each.data).decode() for each in happenings),
    )
