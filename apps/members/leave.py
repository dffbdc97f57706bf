"""Verbs of leave: plan it, say who covers, come back.

While someone is away whoever covers sees their members and answers their crises. What has not begun is taken back without
a trace but the audit's; what has begun ends.
"""

import uuid
from datetime import datetime, timedelta

from django.db.models import Q

from apps.accounts.errors import LeaveNotFound, LeaveNotValid, LeaveRefused
from apps.accounts.models import Cover, CoverQuerySet, Leave, Membership
from apps.accounts.staff import Role
from apps.audit import recording as audit
from apps.core.clock import now
from apps.members.models import Assignment
from apps.tenants.context import current_work

LONGEST = timedelta(days=730)
AT_MOST_AHEAD = timedelta(days=730)


def why_not_uncovered(pressing: int) -> str | None:
    """`pressing`: how many of the clinician's members have open crisis flags."""
    if pressing:
        return (
            f"They treat {pressing} with open crisis flags, who would find nobody. Choose who covers, or have the flags "
            "resolved first."
        )
    return None


def plan_leave(
    *,
    clinician_id: uuid.UUID,
    starts_at: datetime,
    ends_at: datetime | None = None,
    covered_by_id: uuid.UUID | None = None,
) -> Leave:
    """Let a clinician be away from `starts_at` (at once, if that is past) until `ends_at`, or until further notice.

    `LeaveNotValid` by field (`clinician`, `starts_at`, `ends_at`, `covered_by`); `LeaveRefused` while their members have
    open crisis flags and nobody covers, or while they are away or cover for somebody themselves in that time.
    """
    work = current_work()
    starts_at = max(starts_at, now())
    _refuse_times(starts_at, ends_at)
    _hold_clinicians(clinician_id, covered_by_id)
    leaves = Leave.objects.filter(tenant_id=work.tenant_id, clinician_id=clinician_id)
    if leaves.overlapping(starts_at, ends_at).exists():
        raise LeaveRefused("They are on leave in that time already. End or withdraw that leave first.")
    covering = Cover.objects.filter(tenant_id=work.tenant_id, covered_by_id=clinician_id)
    if covering.overlapping(starts_at, ends_at).exists():
        raise LeaveRefused("They cover for a colleague in that time. Let someone else cover there first.")
    _refuse_cover(clinician_id, covered_by_id, starts_at, ends_at)
    leave = Leave.objects.create(
        tenant_id=work.tenant_id,
        clinician_id=clinician_id,
        starts_at=starts_at,
        ends_at=ends_at,
        made_by=work.actor.reference(),
    )
    audit.record("leave.planned", rows=[leave.id, clinician_id], reason="administration")
    if covered_by_id:
        _begin_cover(leave, covered_by_id, starts_at)
    return leave


def change_cover(*, leave_id: uuid.UUID, covered_by_id: uuid.UUID | None) -> Leave:
    """From now on, or from its beginning if that is to come, let someone else cover the leave, or nobody.

    `LeaveNotFound`; `LeaveNotValid`; `LeaveRefused`.
    """
    leave = _locked(leave_id)
    since = max(now(), leave.starts_at)
    _hold_clinicians(leave.clinician_id, covered_by_id)
    _refuse_cover(leave.clinician_id, covered_by_id, since, leave.ends_at)
    _end_cover(leave, since)
    if covered_by_id:
        _begin_cover(leave, covered_by_id, since)
    return leave


def end_leave(*, leave_id: uuid.UUID) -> bool:
    """The clinician is back, or does not leave at all. Returns whether the leave had begun. `LeaveNotFound`."""
    leave = _locked(leave_id)
    moment = now()
    has_begun = leave.starts_at < moment
    _end_cover(leave, moment)
    if has_begun:
        leave.ends_at = moment
        leave.save(update_fields=["ends_at"])
    action = "leave.ended" if has_begun else "leave.withdrawn"
    audit.record(action, rows=[leave.id, leave.clinician_id], reason="administration")
    if not has_begun:
        leave.delete()
    return has_begun


def covers_of(leave: Leave) -> CoverQuerySet:
    """Who covers it, now and later."""
    theirs = Cover.objects.filter(tenant_id=leave.tenant_id, clinician_id=leave.clinician_id)
    return theirs.not_over().overlapping(leave.starts_at, leave.ends_at)


def _refuse_times(starts_at: datetime, ends_at: datetime | None) -> None:
    if starts_at > now() + AT_MOST_AHEAD:
        raise LeaveNotValid("When?", fields={"starts_at": ["Choose a day within the next two years."]})
    if ends_at and ends_at <= starts_at:
        raise LeaveNotValid(
            "When?", fields={"ends_at": ["Choose a last day that is not past and not before the first."]}
        )
    if ends_at and ends_at - starts_at > LONGEST:
        raise LeaveNotValid(
            "When?", fields={"ends_at": ["A leave lasts two years at most; leave the day open instead."]}
        )


def _hold_clinicians(clinician_id: uuid.UUID, covered_by_id: uuid.UUID | None) -> None:
    """Both work here as clinicians, and other leaves of either wait for this one."""
    here = Membership.objects.filter(tenant_id=current_work().tenant_id, role=Role.CLINICIAN, ended_at=None)
    concerned = here.filter(Q(user_id=clinician_id) | Q(user_id=covered_by_id)).order_by("id")
    found = {membership.user_id for membership in concerned.select_for_update(no_key=True)}
    wrong = {}
    if clinician_id not in found:
        wrong["clinician"] = ["Choose someone who works here as a clinician."]
    if covered_by_id and (covered_by_id not in found or covered_by_id == clinician_id):
        wrong["covered_by"] = ["Choose another clinician who works here."]
    if wrong:
        raise LeaveNotValid("Who?", fields=wrong)


def _refuse_cover(
    clinician_id: uuid.UUID, covered_by_id: uuid.UUID | None, starts_at: datetime, ends_at: datetime | None
) -> None:
    tenant_id = current_work().tenant_id
    if covered_by_id is None:
        treated = Assignment.objects.filter(tenant_id=tenant_id, primary_clinician_id=clinician_id, ended_at=None)
        if refusal := why_not_uncovered(treated.filter(open_crisis_flags__gt=0).count()):
            raise LeaveRefused(refusal)
    elif Leave.objects.filter(tenant_id=tenant_id, clinician_id=covered_by_id).overlapping(starts_at, ends_at).exists():
        raise LeaveRefused("Whoever is to cover is on leave themselves in that time. Choose someone else.")


def _begin_cover(leave: Leave, covered_by_id: uuid.UUID, starts_at: datetime) -> None:
    cover = Cover.objects.create(
        tenant_id=leave.tenant_id,
        clinician_id=leave.clinician_id,
        covered_by_id=covered_by_id,
        starts_at=starts_at,
        ends_at=leave.ends_at,
    )
    details = {"clinician": str(leave.clinician_id), "covered_by": str(covered_by_id)}
    audit.record("cover.set", rows=[cover.id], reason="administration", details=details)


def _end_cover(leave: Leave, moment: datetime) -> None:
    for cover in covers_of(leave).select_for_update():
        details = {"clinician": str(leave.clinician_id), "covered_by": str(cover.covered_by_id)}
        audit.record("cover.ended", rows=[cover.id], reason="administration", details=details)
        if cover.starts_at < moment:
            cover.ends_at = moment
            cover.save(update_fields=["ends_at"])
        else:
            cover.delete()


def _locked(leave_id: uuid.UUID) -> Leave:
    found = Leave.objects.filter(tenant_id=current_work().tenant_id, id=leave_id).not_over()
    leave = found.select_for_update().first()
    if leave is None:
        raise LeaveNotFound
    return leave
