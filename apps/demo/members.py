"""Who is in care at the demo's vendors, since when, with which clinician, and for what."""

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.accounts.models import Membership, User
from apps.core.actor import Actor, system_actor
from apps.demo.courses import COURSES, Fare
from apps.demo.names import Stranger, stranger
from apps.demo.vendors import Organisation
from apps.demo.words import FOCUSES, Focus
from apps.members import actions as members
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant

LIVE_MEMBERS = 46
SANDBOX_MEMBERS = 12
LONGEST_CARE = 360
Status = Assignment.Status


@dataclass(frozen=True, slots=True)
class Member:
    """Someone in care. `joined` and `until` bound their time there: `until` is now, or when they were discharged."""

    id: uuid.UUID
    number: int
    who: Stranger
    clinician: User
    actor: Actor
    focus: Focus
    fare: Fare
    joined: datetime
    until: datetime
    every: timedelta
    status: str
    dice: random.Random

    def passed(self, at: datetime) -> float:
        return min(1.0, max(0.0, (at - self.joined) / (self.until - self.joined)))


def gather_members(organisation: Organisation, tenant: Tenant, now: datetime) -> list[Member]:
    """The people of one tenant, longest in care first, with ids but not yet assigned."""
    dice = random.Random(tenant.slug)
    tag = tenant.slug[:3] + ("t" if tenant.is_sandbox else "")
    with acting_as(system_actor(tenant.id, door="command", name="Demo")):
        found = []
        for number in range(SANDBOX_MEMBERS if tenant.is_sandbox else LIVE_MEMBERS):
            someone = stranger(dice, tag, number)
            person = members.register_person(email=someone.email)
            found.append(_member(organisation, tenant, person.id, someone, number, now))
    return found


def _member(
    organisation: Organisation, tenant: Tenant, person_id: uuid.UUID, who: Stranger, number: int, now: datetime
) -> Member:
    dice = random.Random(f"{tenant.slug}/{number}")
    clinician = organisation.clinicians[number % len(organisation.clinicians)]
    amount = SANDBOX_MEMBERS if tenant.is_sandbox else LIVE_MEMBERS
    # Most came within the last half year, a few have been there the whole one.
    days = max(8.0, LONGEST_CARE * (1 - number / amount) ** 1.3)
    joined = (now - timedelta(days=days)).replace(hour=14, minute=5 * (number % 12), second=0, microsecond=0)
    status = _status(number)
    return Member(
        id=person_id,
        number=number,
        who=who,
        clinician=clinician,
        actor=organisation.person(clinician, Membership.Role.CLINICIAN, sandbox=tenant.is_sandbox),
        focus=FOCUSES[number % len(FOCUSES)],
        fare=Fare("recovers" if status == Status.DISCHARGED else list(COURSES)[number % len(COURSES)], dice),
        joined=joined,
        until=now - timedelta(days=25) if status == Status.DISCHARGED else now,
        every=timedelta(days=dice.choice((7, 14, 14, 21, 28))),
        status=status,
        dice=dice,
    )


def _status(number: int) -> str:
    if number % 10 == 3 and number < 20:
        return Status.DISCHARGED
    return Status.PAUSED if number % 17 == 9 else Status.ACTIVE
