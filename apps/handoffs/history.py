"""A handoff's history as people read it, opened from the steps that came with its statement."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.core.actor import system_actor
from apps.handoffs.models import Handoff, HandoffStep
from apps.vault import cipher


@dataclass(frozen=True, slots=True)
class Step:
    """`by` is `{kind, id, name}`."""

    status: str
    at: datetime
    by: Mapping[str, str]
    reason: str | None


def of(handoff: Handoff, at: datetime) -> list[Step]:
    """The steps of a handoff that was fetched `whole()`, oldest first; of an overdue one with its expiry."""
    kept: list[dict[str, object]] = getattr(handoff, "kept_steps", None) or []
    steps = [_opened(handoff.tenant_id, step) for step in kept] + [_step(step) for step in handoff.new_steps]
    if handoff.is_overdue(at):
        by = system_actor(handoff.tenant_id).reference()
        steps.append(Step(Handoff.Status.EXPIRED, handoff.expires_at, by, None))
    return steps


def _step(step: HandoffStep) -> Step:
    return Step(step.status, step.at, step.by, step.reason)


def _opened(tenant_id: UUID, step: dict[str, object]) -> Step:
    reason = None
    if step["reason"] is not None:
        sealed = base64.b64decode(str(step["reason"]))
        reason = cipher.unseal(tenant_id, "handoffs_handoffstep", "reason", UUID(str(step["id"])), sealed).decode()
    by = step["by"]
    return Step(
        str(step["status"]), datetime.fromisoformat(str(step["at"])), by if isinstance(by, dict) else {}, reason
    )
