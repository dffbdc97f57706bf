"""Why a handoff may not be acted on: each answers the refusal, or None."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.core.actor import Actor
from apps.core.errors import DomainError
from apps.handoffs.errors import (
    ConsentOver,
    ContextNotAvailable,
    NotByBrokenGlass,
    NotYourSide,
    OpenHandoffExists,
    RiskNotCovered,
    WrongState,
)
from apps.handoffs.models import Handoff, Part
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.tenants.models import Tenant

Status = Handoff.Status
# A consent's time comes from another machine's clock.
CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Consent:
    """What the member agreed to: `scope` holds values of `Part`."""

    obtained: bool
    obtained_at: datetime
    scope: frozenset[str] = field(default_factory=frozenset)
    expires_at: datetime | None = None


def why_not_send_to(sender: Tenant, receiver: Tenant | None) -> str | None:
    """Why a handoff may not go to that vendor. A sandbox hands off to sandboxes only, a live vendor to live ones."""
    if receiver is None or receiver.kind != Tenant.Kind.VENDOR or receiver.is_sandbox != sender.is_sandbox:
        return "There is no such vendor to hand off to."
    if receiver.id == sender.id:
        return "A vendor cannot hand off to itself."
    if receiver.status != Tenant.Status.ACTIVE:
        return "This vendor is suspended and takes no handoffs."
    return None


def why_not_hand_off(actor: Actor, member: Assignment) -> DomainError | None:
    """Why this person may not pass on the chart of a member whom they see."""
    return NotByBrokenGlass() if reason_to_read(actor, member) == "break_glass" else None


def why_not_offer_another(under_way: Handoff | None) -> DomainError | None:
    """Why a vendor may not offer a member whom it is handing off already: that one is to be tracked instead."""
    return None if under_way is None else OpenHandoffExists()


def why_not_offer(
    reason: str, clinical_summary: str, expires_at: datetime | None, at: datetime
) -> dict[str, str | None]:
    """What is wrong with what the sender writes, by field."""
    return {
        "reason": why_not_words(reason),
        "clinical_summary": why_not_words(clinical_summary),
        "expires_at": "This is in the past." if expires_at and expires_at <= at else None,
    }


def why_not_words(words: str) -> str | None:
    return None if words.strip() else "Must not be blank."


def why_not_consent(consent: Consent, at: datetime) -> dict[str, str | None]:
    """What is wrong with a consent, by field."""
    over = consent.expires_at is not None and consent.expires_at <= at
    return {
        "consent.obtained": None if consent.obtained else "The member's consent must have been obtained.",
        "consent.obtained_at": "Must not lie in the future." if consent.obtained_at > at + CLOCK_SKEW else None,
        "consent.expires_at": "This consent has expired." if over else None,
    }


def why_not_accept(handoff: Handoff, tenant_id: uuid.UUID, at: datetime) -> DomainError | None:
    refusal = _not_the_receiver(handoff, tenant_id, "accept") or _not_from(handoff, Status.PENDING, "accepted", at)
    if refusal is None and handoff.consent_is_over(at):
        return ConsentOver("The member's consent has expired; the sender has to make a new handoff.")
    return refusal


def why_not_entrust(is_clinician: bool) -> str | None:
    """Why a member may not be entrusted to someone at the receiver."""
    return None if is_clinician else "Choose a clinician who works here."


def why_not_decline(handoff: Handoff, tenant_id: uuid.UUID, at: datetime) -> DomainError | None:
    return _not_the_receiver(handoff, tenant_id, "decline") or _not_from(handoff, Status.PENDING, "declined", at)


def why_not_complete(handoff: Handoff, tenant_id: uuid.UUID, at: datetime) -> DomainError | None:
    return _not_the_receiver(handoff, tenant_id, "complete") or _not_from(handoff, Status.ACCEPTED, "completed", at)


def why_not_cancel(handoff: Handoff, tenant_id: uuid.UUID, at: datetime) -> DomainError | None:
    if handoff.tenant_id != tenant_id:
        return NotYourSide("Only the sending vendor can cancel a handoff.")
    return _not_from(handoff, Status.PENDING, "cancelled", at)


def why_not_move_flags(handoff: Handoff, at: datetime) -> DomainError | None:
    """Why the sender's open flags may not pass to the receiver."""
    if handoff.consents_to(Part.CRISIS_FLAGS, at):
        return None
    return RiskNotCovered(
        "The member has an open crisis flag and the consent does not cover crisis_flags. "
        "The sender has to resolve it before the handoff can be completed."
    )


def why_not_read_context(handoff: Handoff, tenant_id: uuid.UUID, at: datetime) -> DomainError | None:
    """The sender reads its own copy always; the receiver until it ends unaccepted, and for good once accepted."""
    if handoff.tenant_id == tenant_id or handoff.status in {Status.ACCEPTED, Status.COMPLETED}:
        return None
    if handoff.status == Status.PENDING and not handoff.is_overdue(at) and not handoff.consent_is_over(at):
        return None
    return ContextNotAvailable()


def _not_the_receiver(handoff: Handoff, tenant_id: uuid.UUID, verb: str) -> DomainError | None:
    if handoff.to_tenant_id == tenant_id:
        return None
    return NotYourSide(f"Only the receiving vendor can {verb} a handoff.")


def _not_from(handoff: Handoff, needed: str, wanted: str, at: datetime) -> DomainError | None:
    current = handoff.status_at(at)
    if current == needed:
        return None
    return WrongState(f"This handoff is {current}; only a handoff that is {needed} can become {wanted}.")
