"""Crises of the demo: flags from every source and severity, in every state and with every outcome."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from apps.assessments import actions as assessments
from apps.assessments.instruments import instrument as definition_of
from apps.core.actor import system_actor
from apps.crisis import actions as crisis
from apps.crisis.escalation import escalate_due
from apps.crisis.models import CrisisFlag, Status
from apps.demo import words
from apps.demo.members import Member
from apps.demo.telling import Happening
from apps.tenants.context import current_work


@dataclass(frozen=True, slots=True)
class Crisis:
    """`ago`: when it was raised, before now. The steps after that count from there; None is not yet."""

    ago: timedelta
    category: str
    severity: str
    source: str
    acknowledged_after: timedelta | None = None
    resolved_after: timedelta | None = None
    disposition: str = ""


def _minutes(amount: float) -> timedelta:
    return timedelta(minutes=amount)


def _past(days: float, category: str, severity: str, source: str, minutes: float, hours: float, end: str) -> Crisis:
    return Crisis(timedelta(days=days), category, severity, source, _minutes(minutes), timedelta(hours=hours), end)


PAST = (
    _past(6, "suicide_ideation", "high", "assessment", 12, 3, "safety_plan"),
    _past(24, "suicide_ideation", "high", "assessment", 25, 6, "no_current_risk"),
    _past(41, "suicide_ideation", "critical", "companion", 37, 3, "emergency_services"),
    _past(12, "crisis_distress", "moderate", "clinician", 90, 20, "referred"),
    _past(63, "self_harm", "high", "text_analysis", 80, 9, "higher_care"),
    _past(17, "harm_to_others", "moderate", "partner", 200, 30, "entered_in_error"),
)
PRESENT = (
    Crisis(_minutes(20), "suicide_ideation", "high", "companion"),
    Crisis(timedelta(hours=5), "crisis_distress", "moderate", "clinician"),
    Crisis(timedelta(hours=9), "crisis_distress", "low", "text_analysis"),
    Crisis(_minutes(75), "suicide_ideation", "high", "assessment", _minutes(9)),
    Crisis(timedelta(hours=20), "self_harm", "moderate", "clinician", _minutes(40)),
)
# How long after it was raised an unanswered flag of the past is looked at, to climb whatever rung is due.
LOOKS = {"critical": (16, 32), "high": (61,), "moderate": (), "low": ()}


def crises_of(members: Sequence[Member], now: datetime) -> Iterator[Happening]:
    """The crises of a tenant; present ones meet the members who have suffered most of late."""
    living = [each for each in members if each.status == "active"]
    settled = [each for each in living if each.joined < now - timedelta(days=70)]
    for told, member in zip(PAST, settled, strict=False):
        yield from _told(told, member, now - told.ago)
    newer = [each for each in living if each not in settled[: len(PAST)]]
    for told, member in zip(PRESENT, newer, strict=False):
        yield from _told(told, member, now - told.ago)


def _told(told: Crisis, member: Member, at: datetime) -> Iterator[Happening]:
    raised_by = member.actor
    if told.source not in {"clinician", "assessment"}:
        raised_by = system_actor(member.actor.tenant_id, door="command")
    yield Happening(at, raised_by, partial(_raise, told, member, at), apart=True)
    beat = system_actor(member.actor.tenant_id)
    for minutes in LOOKS[told.severity]:
        if told.acknowledged_after and _minutes(minutes) < told.acknowledged_after:
            yield Happening(at + _minutes(minutes), beat, escalate_due, apart=True)
    if told.acknowledged_after:
        yield Happening(at + told.acknowledged_after, member.actor, partial(_acknowledge, member), apart=True)
    if told.resolved_after:
        yield Happening(at + told.resolved_after, member.actor, partial(_resolve, told, member), apart=True)


def _raise(told: Crisis, member: Member, at: datetime) -> None:
    if told.source == "assessment":
        definition = definition_of("phq9")
        answers = member.fare.answers(definition, member.passed(at), in_crisis=True)
        assessments.administer(
            member_id=member.id, instrument="phq9", answers=answers, administered_at=at, administered_by="self"
        )
        return
    crisis.raise_flag(
        member_id=member.id,
        category=told.category,
        severity=told.severity,
        description=member.dice.choice(words.CRISES[told.category]),
        source=told.source,
        occurred_at=at,
    )


def _acknowledge(member: Member) -> None:
    crisis.acknowledge(flag_id=_newest(member).id)


def _resolve(told: Crisis, member: Member) -> None:
    crisis.resolve(
        flag_id=_newest(member).id, disposition=told.disposition, resolution=words.RESOLUTIONS[told.disposition]
    )


def _newest(member: Member) -> CrisisFlag:
    held = CrisisFlag.objects.visible_to(current_work().actor).filter(member_id=member.id)
    return held.exclude(status=Status.RESOLVED).latest("created_at", "id")
