"""Verbs of crisis flags: raise, acknowledge, resolve, and move to another tenant with a handoff.

All run inside `acting_as`. A verb that opens or resolves a flag holds the lock of the member's assignment and asks that
the member's risk be computed anew before the commit.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef

from apps.audit import recording as audit
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.core.ids import uuid7
from apps.crisis.errors import FlagNotFound, WrongFlagState
from apps.crisis.models import CrisisFlag, Disposition, FlagAction, Source, Status, rank_of
from apps.crisis.policies import (
    interval,
    top_level,
    why_not_acknowledge,
    why_not_act,
    why_not_occurred,
    why_not_resolution,
    why_not_resolve,
)
from apps.crisis.rules import Rules, rules_of
from apps.crisis.settings import kept_rules
from apps.events import recording as events
from apps.members.actions import touched
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.tenants.context import current_work


@dataclass(frozen=True, slots=True)
class Transferred:
    """What a flag says when it opens, or one tenant's to the next: opened under one key, to be sealed under another.

    `policy` is the rules that it goes by, which stay those under which it was raised.
    """

    member_id: uuid.UUID
    category: str
    severity: str
    source: str
    description: str
    occurred_at: datetime
    respond_by: datetime
    policy: dict[str, object]


def raise_flag(
    *,
    member_id: uuid.UUID,
    category: str,
    severity: str,
    description: str,
    source: str = Source.CLINICIAN,
    occurred_at: datetime | None = None,
) -> CrisisFlag:
    """Open a flag on a member. `MemberNotFound`, or `Invalid` for a moment that has not come.

    `respond_by` is by the tenant's own rules; without any, 15 minutes from now for critical, 1 hour for high, 24 hours
    for moderate, 72 hours for low.
    """
    moment = now()
    if occurred_at is not None and (reason := why_not_occurred(occurred_at, moment)):
        raise Invalid.field("occurred_at", reason)
    rules = _hold(member_id)
    flag = open_on_locked(
        rules,
        member_id=member_id,
        category=category,
        severity=severity,
        description=description,
        source=source,
        occurred_at=occurred_at or moment,
    )
    _record("flagged", flag)
    return flag


def open_on_locked(
    rules: Rules,
    *,
    member_id: uuid.UUID,
    category: str,
    severity: str,
    description: str,
    source: str,
    occurred_at: datetime,
) -> CrisisFlag:
    """The same for a verb that holds the lock of the member's assignment and names the flag in its own audit record.

    One record for both, and the tenant's rules read along with the lock, keep an assessment that opens a flag within the
    statements that a write may take.
    """
    moment = now()
    flag = _opened(
        Transferred(
            member_id=member_id,
            category=category,
            severity=severity,
            source=source,
            description=description,
            occurred_at=occurred_at,
            respond_by=moment + timedelta(seconds=rules.respond_within_s[severity]),
            policy=rules.policy(severity),
        ),
        moment=moment,
    )
    flag.save(force_insert=True)
    return flag


def _opened(told: Transferred, *, moment: datetime, handoff_id: uuid.UUID | None = None) -> CrisisFlag:
    """A flag of the tenant of this work, announced, for the caller to write."""
    work = current_work()
    flag = CrisisFlag(
        id=uuid7(),
        tenant_id=work.tenant_id,
        member_id=told.member_id,
        category=told.category,
        severity=told.severity,
        source=told.source,
        description=told.description,
        rank=rank_of(Status.OPEN, told.severity),
        occurred_at=told.occurred_at,
        created_at=moment,
        raised_by=work.actor.reference(),
        respond_by=told.respond_by,
        policy=told.policy,
        escalate_at=told.respond_by,
        handoff_id=handoff_id,
    )
    _announce("flagged", flag)
    touched(told.member_id)
    return flag


def acknowledge(*, flag_id: uuid.UUID) -> CrisisFlag:
    """Take an open flag on. `FlagNotFound`; `WrongFlagState` unless it is open.

    From now on it climbs the ladder only if it is not resolved within its policy's `resolve_within_s`.
    """
    flag = _locked(flag_id)
    if reason := why_not_acknowledge(flag):
        raise WrongFlagState(reason)
    flag.status = Status.ACKNOWLEDGED
    flag.rank = rank_of(flag.status, flag.severity)
    flag.acknowledged_at = now()
    flag.acknowledged_by = current_work().actor.reference()
    at_the_top = flag.escalation_level >= top_level(flag)
    flag.escalate_at = None if at_the_top else flag.acknowledged_at + interval(flag)
    flag.save(update_fields=["status", "rank", "acknowledged_at", "acknowledged_by", "escalate_at"])
    _record("acknowledged", flag)
    _announce("acknowledged", flag)
    return flag


def act(*, flag_id: uuid.UUID, what: str) -> FlagAction:
    """Keep with the flag what the actor did about it. `Invalid` without words; `WrongFlagState` once it is resolved.

    It answers no clock: whoever acts on an open flag takes it on as well, or the ladder goes on.
    """
    if not what.strip():
        raise Invalid.field("what", "Say what was done.")
    flag = _locked(flag_id)
    if reason := why_not_act(flag):
        raise WrongFlagState(reason)
    return note_down(flag, FlagAction.Kind.DONE, what)


def note_down(flag: CrisisFlag, kind: FlagAction.Kind, what: str) -> FlagAction:
    """Write one action on a flag that the caller has locked, recorded."""
    work = current_work()
    done = FlagAction(
        id=uuid7(), tenant_id=work.tenant_id, flag=flag, kind=kind, what=what, by=work.actor.reference(), at=now()
    )
    done.save(force_insert=True)
    _record("acted", flag, kind=kind.value)
    return done


def resolve(*, flag_id: uuid.UUID, disposition: str, resolution: str) -> CrisisFlag:
    """End a flag with what came of it. `Invalid` without both; `WrongFlagState` when it is resolved already."""
    if faults := why_not_resolution(disposition, resolution):
        raise Invalid("Some fields are not valid.", fields=faults)
    flag = _locked(flag_id)
    if reason := why_not_resolve(flag):
        raise WrongFlagState(reason)
    _resolved(flag, disposition=disposition, resolution=resolution)
    flag.save(
        update_fields=["status", "rank", "resolved_at", "resolved_by", "disposition", "resolution", "escalate_at"]
    )
    touched(flag.member_id)
    return flag


def _resolved(flag: CrisisFlag, *, disposition: str, resolution: str, reason: str = "assignment") -> None:
    """The flag as it is when it is resolved, recorded and announced, for the caller to write."""
    flag.status = Status.RESOLVED
    flag.rank = rank_of(flag.status, flag.severity)
    flag.resolved_at = now()
    flag.resolved_by = current_work().actor.reference()
    flag.disposition = disposition
    flag.resolution = resolution
    flag.escalate_at = None
    _record("resolved", flag, reason=reason, disposition=disposition)
    _announce("resolved", flag, disposition=disposition)


def transfer(flags: Sequence[CrisisFlag], *, handoff_id: uuid.UUID) -> list[CrisisFlag]:
    """Resolve another tenant's open flags as moved by a handoff, and open each at the tenant of this work.

    Returns the new ones; `occurred_at`, `respond_by` and the rules stay, `created_at` is their own. Their ladder starts
    at its first rung; a deadline that has passed makes the next one due at once. The caller, who holds the locks of both
    tenants' assignments and ends the sender's, writes all of them by `crisis_resolve` and `crisis_open`.
    """
    opened = [_opened(_told(flag), moment=now(), handoff_id=handoff_id) for flag in flags]
    for flag in flags:
        _resolved(flag, disposition=Disposition.TRANSFERRED, resolution="transferred", reason="handoff")
        flag.handoff_id = handoff_id
    for flag in opened:
        _record("flagged", flag, reason="handoff")
    return opened


def _told(flag: CrisisFlag) -> Transferred:
    return Transferred(
        member_id=flag.member_id,
        category=flag.category,
        severity=flag.severity,
        source=flag.source,
        description=flag.description,
        occurred_at=flag.occurred_at,
        respond_by=flag.respond_by,
        policy=flag.policy,
    )


def _hold(member_id: uuid.UUID) -> Rules:
    """Lock the member's assignment, and read the tenant's rules along with it. `MemberNotFound`."""
    found = Assignment.objects.filter(tenant_id=current_work().tenant_id, person_id=member_id, ended_at=None)
    row = found.select_for_update().values_list("id", kept_rules(OuterRef("tenant_id"))).first()
    if row is None:
        raise MemberNotFound
    return rules_of(row[1])


def _locked(flag_id: uuid.UUID) -> CrisisFlag:
    """The flag, after the lock of its assignment: every verb takes the two in that order."""
    tenant_id = current_work().tenant_id
    member_id = CrisisFlag.objects.filter(tenant_id=tenant_id, id=flag_id).values_list("member_id", flat=True).first()
    if member_id is None:
        raise FlagNotFound
    _lock_assignment(member_id)
    return CrisisFlag.objects.select_for_update(no_key=True).get(tenant_id=tenant_id, id=flag_id)


def _lock_assignment(member_id: uuid.UUID) -> None:
    found = Assignment.objects.filter(tenant_id=current_work().tenant_id, person_id=member_id, ended_at=None)
    found.select_for_update(no_key=True).values_list("id").first()


def _record(what: str, flag: CrisisFlag, *, reason: str = "assignment", **codes: object) -> None:
    audit.record(
        f"crisis.{what}",
        rows=[flag.id],
        member_id=flag.member_id,
        reason=reason,
        details=codes,
        tenant_id=flag.tenant_id,
    )


def _announce(what: str, flag: CrisisFlag, **codes: object) -> None:
    data: dict[str, object] = {
        "crisis_flag_id": str(flag.id),
        "category": flag.category,
        "severity": flag.severity,
        "source": flag.source,
        **codes,
    }
    events.record(f"crisis.{what}", member_id=flag.member_id, data=data, tenant_id=flag.tenant_id)
