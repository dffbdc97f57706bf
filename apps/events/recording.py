"""`record`: say that something happened, in the transaction in which it happens."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import groupby

import msgspec
from django.db import transaction

from apps.core.clock import now
from apps.core.database import Statement
from apps.events.wakeup import announce
from apps.tenants.context import Work, current_work, switch_to

APPEND = "SELECT events_append(%s, %s::text[], %s::uuid[], %s::timestamptz[], %s::jsonb, %s::text[])"


@dataclass(frozen=True, slots=True)
class Happening:
    tenant_id: uuid.UUID
    type: str
    member_id: uuid.UUID | None
    occurred_at: datetime
    data: Mapping[str, object]


def record(
    type: str,
    *,
    member_id: uuid.UUID | None,
    data: Mapping[str, object] | None = None,
    occurred_at: datetime | None = None,
    tenant_id: uuid.UUID | None = None,
) -> None:
    """Record an event of the contract's types for the tenant that the work is in, or for `tenant_id`.

    `data` takes ids, codes and numbers only: never the text of a note or a message.
    """
    work = current_work()
    happening = Happening(tenant_id or work.tenant_id, type, member_id, occurred_at or now(), data or {})
    work.add("events", happening)


def statements(work: Work) -> list[Statement]:
    """One append for each tenant concerned, in the order of their ids so that no two works lock each other out."""
    happenings = sorted(
        (each for each in work.pending["events"] if isinstance(each, Happening)), key=lambda each: each.tenant_id
    )
    actor = msgspec.json.encode(work.actor.reference()).decode()
    written: list[Statement] = []
    inside = work.actor.tenant_id
    for tenant_id, group in groupby(happenings, key=lambda each: each.tenant_id):
        if tenant_id != inside:
            written.append(switch_to(tenant_id))
            inside = tenant_id
        transaction.on_commit(partial(announce, tenant_id))
        written.append((APPEND, _values(tenant_id, actor, list(group))))
    return written


def _values(tenant_id: uuid.UUID, actor: str, group: list[Happening]) -> tuple[object, ...]:
    return (
        tenant_id,
        [each.type for each in group],
        [each.member_id for each in group],
        [each.occurred_at for each in group],
        actor,
        [msgspec.json.encode(each.data).decode() for each in group],
    )
