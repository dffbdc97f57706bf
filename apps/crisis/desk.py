"""What the desk shows: the unresolved flags of the members whom a person may see, with their clocks and their ladder."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from apps.core.actor import Actor
from apps.core.clock import now
from apps.crisis.errors import FlagNotFound
from apps.crisis.models import CrisisFlag, CrisisFlagQuerySet, EscalationStep
from apps.crisis.policies import resolve_by, top_level, why_not_acknowledge
from apps.members.models import Assignment


@dataclass(frozen=True, slots=True)
class Line:
    """One flag and whom it is about, as of `moment`."""

    flag: CrisisFlag
    member: Assignment
    moment: datetime

    @property
    def steps(self) -> list[EscalationStep]:
        """The rungs that it reached, lowest first."""
        return list(self.flag.steps.all())

    @property
    def next_rung(self) -> str:
        """The rung that is called when `escalate_at` comes; the top one is called once more where there is none above."""
        return str(self.flag.policy["ladder"][min(self.flag.escalation_level + 1, top_level(self.flag))])

    @property
    def may_be_claimed(self) -> bool:
        return why_not_acknowledge(self.flag) is None

    @property
    def answer_is_late(self) -> bool:
        return self.may_be_claimed and self.flag.respond_by < self.moment

    @property
    def resolve_by(self) -> datetime | None:
        return resolve_by(self.flag)

    @property
    def outcome_is_late(self) -> bool:
        due = self.resolve_by
        return due is not None and due < self.moment

    @property
    def resolve_within(self) -> str:
        """How long the outcome may take once someone has taken it on: `4 hours`, `3 days`."""
        within = timedelta(seconds=self.flag.policy["resolve_within_s"])
        return f"{within.days} days" if within.days > 1 else f"{int(within.total_seconds()) // 3600} hours"


def lines_for(actor: Actor) -> list[Line]:
    """Most urgent first. Three statements, however many flags."""
    troubled = Assignment.objects.visible_to(actor).filter(open_crisis_flags__gt=0)
    members = {member.person_id: member for member in troubled}
    flags = _with_steps(actor).unresolved().filter(member_id__in=members).most_urgent_first()
    moment = now()
    return [Line(flag, members[flag.member_id], moment) for flag in flags]


def line_for(actor: Actor, flag_id: uuid.UUID) -> Line:
    """`FlagNotFound` for one that is not there and for one whose member the actor may not see alike."""
    flag = _with_steps(actor).filter(id=flag_id).first()
    if flag is None:
        raise FlagNotFound
    member = Assignment.objects.visible_to(actor).filter(person_id=flag.member_id).first()
    if member is None:
        raise FlagNotFound
    return Line(flag, member, now())


def newest(lines: Iterable[Line], since: datetime | None = None) -> datetime | None:
    """When the latest of these flags was raised, or `since` where that is later: what came after it is news."""
    return max((*(line.flag.created_at for line in lines), *([since] if since else ())), default=None)


def _with_steps(actor: Actor) -> CrisisFlagQuerySet:
    steps = EscalationStep.objects.filter(tenant_id=actor.tenant_id).order_by("level")
    return CrisisFlag.objects.visible_to(actor).prefetch_related(Prefetch("steps", steps))
