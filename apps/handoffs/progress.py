"""How one handoff went and what can be done next: its steps and readings as one history, its acts with what forbids them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from apps.core.errors import DomainError
from apps.handoffs import history, policies
from apps.handoffs.models import Handoff, Receipt

Status = Handoff.Status
TOLD = {
    Status.PENDING: "Offered",
    Status.ACCEPTED: "Accepted",
    Status.DECLINED: "Declined",
    Status.COMPLETED: "Completed",
    Status.CANCELLED: "Withdrawn",
    Status.EXPIRED: "Expired without an answer",
}
BY_THE_SENDER = frozenset({Status.PENDING, Status.CANCELLED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: what, when, who, at which vendor; `reason` as it was given, `note` what is added here."""

    what: str
    at: datetime
    who: str
    vendor: str = ""
    reason: str = ""
    note: str = ""
    note_at: datetime | None = None


def story(handoff: Handoff, receipts: Iterable[Receipt], at: datetime) -> list[Entry]:
    """Oldest first, of a handoff from `tray.seen_by`; each of the receiver's readers once.

    Reasons are left out for those whom the handoff does not concern.
    """
    entries = [_step(handoff, step) for step in history.of(handoff, at)]
    if not handoff.is_of_concern:
        entries = [replace(entry, reason="") for entry in entries]
    entries += [_reading(handoff, receipt) for receipt in receipts]
    return sorted(entries, key=lambda entry: entry.at)


def _step(handoff: Handoff, step: history.Step) -> Entry:
    status = Status(step.status)
    if step.by.get("kind") == "system":
        return Entry(
            TOLD[status], step.at, "by the clock" if status == Status.EXPIRED else "by itself", "", step.reason or ""
        )
    vendor = handoff.from_name if status in BY_THE_SENDER else handoff.to_name
    return Entry(TOLD[status], step.at, _named(step.by), vendor, step.reason or "")


def _reading(handoff: Handoff, receipt: Receipt) -> Entry:
    again = receipt["times"] > 1
    return Entry(
        "Packet opened",
        receipt["first_at"],
        _named(receipt["by"]),
        handoff.to_name,
        note=f"{receipt['times']} times, last" if again else "",
        note_at=receipt["last_at"] if again else None,
    )


def _named(by: object) -> str:
    known = by if isinstance(by, dict) else {}
    name = str(known.get("name", ""))
    return f"the API key {name}" if known.get("kind") == "key" else name


@dataclass(frozen=True, slots=True)
class Act:
    """A button: the verb it calls, and why it cannot be called now, if so."""

    verb: str
    refusal: str = ""


def acts(handoff: Handoff, tenant_id: uuid.UUID, at: datetime) -> dict[str, Act]:
    """What this side can do while the handoff is under way, by verb; nothing once it has ended."""
    status = handoff.status_at(at)
    if handoff.tenant_id == tenant_id:
        asked = {"cancel": policies.why_not_cancel} if status == Status.PENDING else {}
    elif status == Status.PENDING:
        asked = {"accept": policies.why_not_accept, "decline": policies.why_not_decline}
    else:
        asked = {"complete": policies.why_not_complete} if status == Status.ACCEPTED else {}
    return {verb: Act(verb, _words(why_not(handoff, tenant_id, at))) for verb, why_not in asked.items()}


def why_completing_may_fail(handoff: Handoff, at: datetime) -> str:
    """What stands in the way if the sender has an open crisis flag, which only the sender may know."""
    if handoff.shared_care:
        return ""
    return _words(policies.why_not_move_flags(handoff, at))


def _words(refusal: DomainError | None) -> str:
    return refusal.message if refusal else ""
