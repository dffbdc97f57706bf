"""What the desk shows: the unresolved flags of the members whom a person may see, with their clocks and their ladder."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Prefetch

from apps.accounts.models import User
from apps.core.actor import Actor
from apps.core.clock import now
from apps.crisis.errors import FlagNotFound
from apps.crisis.models import CrisisFlag, CrisisFlagQuerySet, EscalationStep, FlagAction
from apps.crisis.policies import resolve_by, top_level, why_not_acknowledge, why_not_escalate
from apps.members.models import Assignment


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of a flag's ladder. The first has the flag from the start."""

    name: str
    is_reached: bool
    is_next: bool
    reached_at: datetime | None


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done about a flag: `what` in someone's words, or the code of why a rung was called."""

    at: datetime
    who: str
    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Line:
    """One flag and whom it is about, as of `moment`."""

    flag: CrisisFlag
    member: Assignment
    moment: datetime
    names: Mapping[uuid.UUID, str]

    @property
    def steps(self) -> list[EscalationStep]:
        """The rungs that it reached, lowest first."""
        return list(self.flag.steps.all())

    @property
    def ladder(self) -> list[Rung]:
        level = self.flag.escalation_level
        reached = {step.level: step.at for step in self.steps}
        names = enumerate(self.flag.policy["ladder"])
        return [Rung(name, at <= level, at == level + 1, reached.get(at)) for at, name in names]

    @property
    def history(self) -> list[Happening]:
        """What was done and who was called, newest first."""
        done = [Happening(each.at, each.by["name"], each.kind, each.what) for each in self.flag.actions.all()]
        called = [Happening(step.at, self._called(step), "called", step.reason) for step in self.steps]
        return sorted([*done, *called], key=lambda one: one.at, reverse=True)

    def _called(self, step: EscalationStep) -> str:
        """The rung and those who stand on it; those of the platform's own rung are not the vendor's to know by name."""
        rung = step.reached.replace("_", " ").capitalize()
        people = [self.names[each] for each in step.recipients if each in self.names]
        if not step.recipients:
            return f"{rung}: nobody stands there"
        return f"{rung}: {', '.join(people)}" if people else rung

    @property
    def why_not_escalate(self) -> str | None:
        return why_not_escalate(self.flag)

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
    """Most urgent first. Five statements, however many flags."""
    troubled = Assignment.objects.visible_to(actor).filter(open_crisis_flags__gt=0)
    members = {member.person_id: member for member in troubled}
    flags = list(_with_steps(actor).unresolved().filter(member_id__in=members).most_urgent_first())
    moment, names = now(), _names_of_called(flags)
    return [Line(flag, members[flag.member_id], moment, names) for flag in flags]


def line_for(actor: Actor, flag_id: uuid.UUID) -> Line:
    """`FlagNotFound` for one that is not there and for one whose member the actor may not see alike."""
    flag = _with_steps(actor).filter(id=flag_id).first()
    if flag is None:
        raise FlagNotFound
    member = Assignment.objects.visible_to(actor).filter(person_id=flag.member_id).first()
    if member is None:
        raise FlagNotFound
    return Line(flag, member, now(), _names_of_called([flag]))


def flags_of(actor: Actor, member_id: uuid.UUID) -> CrisisFlagQuerySet:
    """Every flag of a member, what is unresolved and most urgent first, with what was done; for `lines_of`."""
    return _with_steps(actor).of_member(member_id).most_urgent_first()


def lines_of(member: Assignment, flags: Sequence[CrisisFlag]) -> list[Line]:
    moment, names = now(), _names_of_called(flags)
    return [Line(flag, member, moment, names) for flag in flags]


def newest(lines: Iterable[Line], since: datetime | None = None) -> datetime | None:
    """When the latest of these flags was raised, or `since` where that is later: what came after it is news."""
    return max((*(line.flag.created_at for line in lines), *([since] if since else ())), default=None)


def unanswered(lines: Iterable[Line]) -> int:
    return sum(line.may_be_claimed for line in lines)


def _with_steps(actor: Actor) -> CrisisFlagQuerySet:
    steps = EscalationStep.objects.filter(tenant_id=actor.tenant_id).order_by("level")
    actions = FlagAction.objects.filter(tenant_id=actor.tenant_id)
    return CrisisFlag.objects.visible_to(actor).prefetch_related(Prefetch("steps", steps), Prefetch("actions", actions))


def _names_of_called(flags: Iterable[CrisisFlag]) -> dict[uuid.UUID, str]:
    called = {person for flag in flags for step in flag.steps.all() for person in step.recipients}
    return dict(User.objects.filter(id__in=called).values_list("id", "name")) if called else {}
