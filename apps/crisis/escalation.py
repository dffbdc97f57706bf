"""The ladder: what nobody answered goes one rung up, each rung once, whatever is killed in between; a person may call
the next rung before it falls due.

A rung is taken in one transaction that locks the member's assignment and the flag, looks again whether it is due,
writes the step, moves `escalate_at` on and has the member's risk computed anew, for a deadline that passed weighs in.
A job that dies leaves nothing; one that runs twice finds nothing due. After a pause each rung still
gets its whole interval, so that nobody is passed over because the platform was down.
"""

import uuid
from collections.abc import Callable, Mapping

from django.db.models import QuerySet

from apps.accounts.models import Cover, Leave, Membership
from apps.audit import recording as audit
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.core.ids import uuid7
from apps.crisis.actions import note_down
from apps.crisis.errors import FlagNotFound, WrongFlagState
from apps.crisis.models import CrisisFlag, EscalationStep, FlagAction, Status
from apps.crisis.policies import interval, top_level, why_not_escalate
from apps.events import recording as events
from apps.members.actions import touched
from apps.members.models import Assignment
from apps.tenants.context import current_work, within
from apps.tenants.models import PLATFORM_ID

BATCH = 100
Finder = Callable[[uuid.UUID | None], list[uuid.UUID]]


def escalate_due() -> int:
    """Take every rung that is due at the tenant of this work, at most `BATCH` flags. Returns how many were taken.

    Flags that another job holds are left to it.
    """
    due = CrisisFlag.objects.filter(tenant_id=current_work().tenant_id, escalate_at__lte=now())
    due = due.order_by("escalate_at", "id")
    member_ids = set(due.values_list("member_id", flat=True)[:BATCH])
    clinicians = _lock_assignments(member_ids)
    locked = due.filter(member_id__in=member_ids).select_for_update(skip_locked=True, no_key=True)
    flags = list(locked.defer("description", "resolution")[:BATCH])
    for flag in flags:
        overdue = flag.status == Status.ACKNOWLEDGED
        reason = EscalationStep.Reason.UNRESOLVED if overdue else EscalationStep.Reason.UNACKNOWLEDGED
        _climb(flag, clinicians.get(flag.member_id), reason)
    return len(flags)


def escalate(*, flag_id: uuid.UUID, reason: str) -> CrisisFlag:
    """Call the next rung now instead of when it falls due; why is kept with the flag.

    `Invalid` without a reason, `FlagNotFound`, `WrongFlagState` once it is resolved or there is no rung above. The
    clock of the rung after it starts anew.
    """
    if not reason.strip():
        raise Invalid.field("reason", "Say why the next rung is called now.")
    own = CrisisFlag.objects.filter(tenant_id=current_work().tenant_id, id=flag_id)
    member_id = own.values_list("member_id", flat=True).first()
    if member_id is None:
        raise FlagNotFound
    clinicians = _lock_assignments({member_id})
    flag = own.select_for_update(no_key=True).get()
    if refusal := why_not_escalate(flag):
        raise WrongFlagState(refusal)
    note_down(flag, FlagAction.Kind.ESCALATED, reason)
    _climb(flag, clinicians.get(member_id), EscalationStep.Reason.BY_HAND)
    return flag


def _climb(flag: CrisisFlag, clinician_id: uuid.UUID | None, reason: EscalationStep.Reason) -> None:
    moment = now()
    flag.escalation_level = min(flag.escalation_level + 1, top_level(flag))
    rung = flag.policy["ladder"][flag.escalation_level]
    reached, recipients = _who(flag.policy["ladder"][flag.escalation_level :], clinician_id)
    flag.escalate_at = None if flag.escalation_level == top_level(flag) else moment + interval(flag)
    step = EscalationStep(
        id=uuid7(),
        tenant_id=flag.tenant_id,
        flag=flag,
        level=flag.escalation_level,
        rung=rung,
        reached=reached,
        recipients=recipients,
        reason=reason,
        at=moment,
    )
    step.save(force_insert=True)
    flag.save(update_fields=["escalation_level", "escalate_at"])
    codes = {"level": step.level, "rung": rung, "reached": reached, "reason": reason.value}
    audit.record("crisis.escalated", rows=[flag.id], member_id=flag.member_id, reason="escalation", details=codes)
    named = {"crisis_flag_id": str(flag.id), "category": flag.category, "severity": flag.severity}
    events.record("crisis.escalated", member_id=flag.member_id, data={**named, **codes})
    touched(flag.member_id)


def _lock_assignments(member_ids: set[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID | None]:
    """Each member's clinician. Before the flags and in the order of the members, as every verb locks them."""
    found = Assignment.objects.filter(tenant_id=current_work().tenant_id, person_id__in=member_ids, ended_at=None)
    locked = found.order_by("person_id").select_for_update(no_key=True)
    return dict(locked.values_list("person_id", "primary_clinician_id"))


def _who(rungs: list[str], clinician_id: uuid.UUID | None) -> tuple[str, list[uuid.UUID]]:
    """The first of these rungs on which somebody stands, and who; the first rung and nobody where none is."""
    for rung in rungs:
        if recipients := ON_RUNG[rung](clinician_id):
            return rung, recipients
    return rungs[0], []


def _covering(clinician_id: uuid.UUID | None) -> list[uuid.UUID]:
    """Whoever covers for the clinician now; where nobody was named, the tenant's other clinicians who are not away."""
    clinicians = [user_id for user_id in _with_role(Membership.Role.CLINICIAN) if user_id != clinician_id]
    tenant_id = current_work().tenant_id
    named = Cover.objects.filter(tenant_id=tenant_id, clinician_id=clinician_id).present()
    covering = set(named.values_list("covered_by_id", flat=True)) if clinician_id else set()
    away = set(Leave.objects.filter(tenant_id=tenant_id).present().values_list("clinician_id", flat=True))
    there = [user_id for user_id in clinicians if user_id not in away]
    return [user_id for user_id in clinicians if user_id in covering] or there or clinicians


def _supervisor(clinician_id: uuid.UUID | None) -> list[uuid.UUID]:
    """The clinician's own supervisor, or, where none is named, the tenant's supervisors."""
    own = _current().filter(user_id=clinician_id, supervisor__isnull=False) if clinician_id else _current().none()
    named = [user_id for user_id in own.values_list("supervisor_id", flat=True) if user_id]
    return named or _with_role(Membership.Role.SUPERVISOR)


def _operators() -> list[uuid.UUID]:
    with within(PLATFORM_ID):
        return _with_role(Membership.Role.OPERATOR)


def _with_role(role: str) -> list[uuid.UUID]:
    return list(_current().filter(role=role).order_by("user_id").values_list("user_id", flat=True))


def _current() -> QuerySet[Membership]:
    return Membership.objects.filter(tenant_id=current_work().tenant_id, ended_at=None)


ON_RUNG: Mapping[str, Finder] = {
    "clinician": lambda clinician_id: [clinician_id] if clinician_id else [],
    "covering": _covering,
    "supervisor": _supervisor,
    "vendor_lead": lambda _: _with_role(Membership.Role.ADMIN),
    "operator": lambda _: _operators(),
}
