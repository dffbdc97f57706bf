"""What a completion asks of the database: one statement to lock and look, one to write."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db import models

from apps.core.database import run
from apps.crisis.models import CrisisFlag
from apps.handoffs.models import Handoff, HandoffStep
from apps.vault.records import encoded, restored, row

HOLD = "SELECT handoffs_hold(%s)::text"
WRITE = "SELECT handoffs_complete(%s::jsonb, %s::jsonb, %s::jsonb, %s::jsonb, %s::uuid, %s::timestamptz)"


@dataclass(frozen=True, slots=True)
class Held:
    """What moves with a completion, all of it locked.

    Whether the receiver is `assigned` the member; the sender's assignment, None when it let the member go meanwhile; the
    sender's open flags, oldest first; and what the sender itself had accepted of this member.
    """

    assigned: bool
    assignment_id: uuid.UUID | None
    flags: list[CrisisFlag]
    accepted: list[Handoff]


def hold(handoff_id: uuid.UUID) -> Held | None:
    """Wait until no other handoff of the member is being completed, then lock this one and what moves with it.

    None when nothing moves: care is shared, or the handoff cannot be completed by this tenant now. Raising a flag locks
    the assignments as well: none can be raised from here on and be forgotten.
    """
    told = run([(HOLD, (handoff_id,))])[0][0][0]
    if told is None:
        return None
    found: dict[str, Any] = msgspec.json.decode(told)
    return Held(
        assigned=found["assigned"],
        assignment_id=uuid.UUID(found["assignment"]) if found["assignment"] else None,
        flags=[restored(CrisisFlag, each) for each in found["flags"]],
        accepted=[restored(Handoff, each) for each in found["accepted"]],
    )


def write(
    held: Held,
    *,
    opened: Sequence[CrisisFlag],
    closed: Sequence[HandoffStep],
    completed: HandoffStep,
    at: datetime,
) -> None:
    """At the sender its flags as resolved, its assignment's end and the closed handoffs; at the receiver the rest."""
    rows = (encoded(row(completed)), _rows(closed), _rows(held.flags), _rows(opened))
    run([(WRITE, (*rows, held.assignment_id, at))])


def _rows(instances: Iterable[models.Model]) -> str:
    return encoded([row(instance) for instance in instances])
