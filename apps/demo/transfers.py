"""Handoffs between the demo's two vendors, in every state, both ways."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from apps.core.actor import Actor, system_actor
from apps.crisis import actions as crisis
from apps.demo import words
from apps.demo.members import Member
from apps.demo.telling import Happening
from apps.handoffs import actions as handoffs
from apps.handoffs.models import Handoff, Part
from apps.handoffs.policies import Consent
from apps.tenants.context import current_work

EVERYTHING_USUAL = frozenset(Part.values) - {Part.PSYCHOTHERAPY_NOTES}


@dataclass(frozen=True, slots=True)
class Transfer:
    """`ago`: days since it was offered. `ending` is the state that it reached."""

    ago: float
    kind: str
    urgency: str
    ending: str
    reason: str
    scope: frozenset[str] = EVERYTHING_USUAL
    shared_care: bool = False
    with_open_flag: bool = False


TRANSFERS = (
    Transfer(1.5, "referral", "routine", "pending", "Asks for trauma therapy, which the other house offers."),
    Transfer(3, "step_up", "urgent", "accepted", "Needs more than weekly meetings for now."),
    Transfer(20, "transfer", "routine", "completed", "Moved across the country."),
    Transfer(2, "step_up", "urgent", "completed", "Needs the day programme.", with_open_flag=True),
    Transfer(30, "warm", "routine", "completed", "Medication there, talks here.", shared_care=True),
    Transfer(12, "coverage", "routine", "declined", "Clinician on leave for a month."),
    Transfer(
        9, "step_down", "routine", "cancelled", "Ready for fewer meetings.", frozenset({Part.SUMMARY, Part.NOTES})
    ),
    Transfer(16, "referral", "emergent", "expired", "Group for young adults.", frozenset({Part.SUMMARY})),
)


def transfers_of(members: list[Member], receiver: Actor, now: datetime) -> Iterator[Happening]:
    """One handoff of each kind, from the members at the end of the list who have been there long enough."""
    free = [each for each in members if each.status == "active" and each.number % 3 != 0]
    free = [each for each in free if each.joined < now - timedelta(days=35)][::-1]
    for told, member in zip(TRANSFERS, free, strict=False):
        yield from _told(told, member, receiver, now - timedelta(days=told.ago))


def _told(told: Transfer, member: Member, receiver: Actor, at: datetime) -> Iterator[Happening]:
    if told.with_open_flag:
        yield Happening(at - timedelta(hours=1), member.actor, partial(_worry, member, at), apart=True)
    yield Happening(at, member.actor, partial(_offer, told, member, receiver, at), apart=True)
    later = at + timedelta(hours=20)
    match told.ending:
        case "accepted" | "completed":
            yield Happening(later, receiver, partial(_read_and_accept, member), apart=True)
            if told.ending == "completed":
                done = later + timedelta(hours=4)
                yield Happening(done, receiver, lambda: handoffs.complete(handoff_id=_open(member)), apart=True)
        case "declined":
            reason = "No room before spring."
            yield Happening(
                later, receiver, lambda: handoffs.decline(handoff_id=_open(member), reason=reason), apart=True
            )
        case "cancelled":
            reason = "The member would rather stay."
            yield Happening(
                later, member.actor, lambda: handoffs.cancel(handoff_id=_open(member), reason=reason), apart=True
            )
        case "expired":
            beat = system_actor(member.actor.tenant_id)
            yield Happening(at + handoffs.LIFETIME + timedelta(seconds=30), beat, handoffs.expire_overdue, apart=True)


def _worry(member: Member, at: datetime) -> None:
    crisis.raise_flag(
        member_id=member.id,
        category="crisis_distress",
        severity="low",
        description=words.CRISES["crisis_distress"][0],
        occurred_at=at - timedelta(hours=1),
    )


def _offer(told: Transfer, member: Member, receiver: Actor, at: datetime) -> None:
    handoffs.offer(
        member_id=member.id,
        to_tenant_id=receiver.tenant_id,
        handoff_type=told.kind,
        urgency=told.urgency,
        reason=told.reason,
        clinical_summary=f"In care for {member.focus.code} since {member.joined:%B %Y}. {told.reason}",
        consent=Consent(obtained=True, obtained_at=at - timedelta(hours=3), scope=told.scope),
        shared_care=told.shared_care,
    )


def _read_and_accept(member: Member) -> None:
    handoff_id = _open(member)
    handoffs.read_packet(handoff_id=handoff_id)
    handoffs.accept(handoff_id=handoff_id)


def _open(member: Member) -> uuid.UUID:
    standing = (Handoff.Status.PENDING, Handoff.Status.ACCEPTED)
    held = Handoff.objects.visible_to(current_work().actor).filter(member_id=member.id, status__in=standing)
    return held.latest("created_at", "id").id
