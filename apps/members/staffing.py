"""Verbs of staff on whom members depend: change someone's roles, end their work here.

Whose work ends is out at their next request: each asks anew where the person works. What they wrote stays, in their name.
"""

import uuid
from collections.abc import Collection

from django.db.models import Q

from apps.accounts.errors import StaffChangeRefused, StaffNotFound
from apps.accounts.models import Cover, Leave, Membership
from apps.accounts.policies import why_not_roles
from apps.audit import recording as audit
from apps.core.clock import now
from apps.members.transfers import transfer_all
from apps.members.workload import Standing, standing_of
from apps.tenants.context import current_work

Role = Membership.Role


def why_not_stop_treating(standing: Standing) -> str | None:
    """Why someone cannot cease to be a clinician, leaving aside the members themselves, who can be given to another."""
    if Role.CLINICIAN not in standing.roles:
        return None
    if standing.load.flags:
        return (
            f"They treat {standing.load.pressing} with open crisis flags. Have these resolved, or give those members to "
            "someone else first."
        )
    if standing.covers:
        return "They cover a colleague who is or will be on leave. Let someone else cover first."
    return None


def why_not_end_work(standing: Standing, *, is_succeeded: bool) -> str | None:
    """`is_succeeded`: whether somebody takes over the members."""
    if Role.ADMIN in standing.roles and not standing.other_admins:
        return "They are the last administrator here. Make someone else one first."
    if refusal := why_not_stop_treating(standing):
        return refusal
    if standing.load.members and not is_succeeded:
        return f"They treat {standing.load.called}. Choose who takes these over."
    return None


def why_not_change_roles(standing: Standing, roles: Collection[str], tenant_id: uuid.UUID) -> str | None:
    if not roles:
        return "Someone without a role does not work here. To that end, end their work."
    if refusal := why_not_roles(roles, tenant_id):
        return refusal
    if Role.ADMIN in standing.roles and Role.ADMIN not in roles and not standing.other_admins:
        return "They are the last administrator here. Make someone else one first."
    if Role.CLINICIAN in standing.roles and Role.CLINICIAN not in roles:
        if refusal := why_not_stop_treating(standing):
            return refusal
        if standing.load.members:
            return f"They treat {standing.load.called}. Give these to someone else first."
    return None


def change_roles(*, user_id: uuid.UUID, roles: Collection[str]) -> None:
    """Give someone who works here exactly these roles. `StaffNotFound`; `StaffChangeRefused`."""
    work = current_work()
    held = _locked_roles(user_id)
    if refusal := why_not_change_roles(standing_of(user_id), roles, work.tenant_id):
        raise StaffChangeRefused(refusal)
    for role in sorted(set(roles) - held.keys()):
        Membership.objects.create(tenant_id=work.tenant_id, user_id=user_id, role=role)
        audit.record("staff.role_granted", rows=[user_id], reason="administration", details={"role": str(role)})
    _end([membership for role, membership in held.items() if role not in roles])


def end_work(*, user_id: uuid.UUID, successor_id: uuid.UUID | None = None) -> int:
    """End someone's work here; `successor_id` takes over their members. Returns how many these are.

    `StaffNotFound`; `StaffChangeRefused`; `Invalid` when the successor is no clinician here.
    """
    held = _locked_roles(user_id)
    standing = standing_of(user_id)
    if refusal := why_not_end_work(standing, is_succeeded=successor_id is not None):
        raise StaffChangeRefused(refusal)
    given = 0
    if standing.load.members and successor_id:
        given = transfer_all(clinician_id=user_id, to_clinician_id=successor_id)
    _end(list(held.values()))
    audit.record("staff.ended", rows=[user_id], reason="administration", details={"members": given})
    return given


def _locked_roles(user_id: uuid.UUID) -> dict[str, Membership]:
    """Someone's present roles, locked with those of all admins: two of these cannot both be the last but one."""
    concerned = Membership.objects.filter(tenant_id=current_work().tenant_id, ended_at=None).filter(
        Q(user_id=user_id) | Q(role=Role.ADMIN)
    )
    locked = concerned.order_by("id").select_for_update()
    held = {membership.role: membership for membership in locked if membership.user_id == user_id}
    if not held:
        raise StaffNotFound
    return held


def _end(memberships: Collection[Membership]) -> None:
    moment = now()
    for membership in memberships:
        membership.ended_at = moment
        membership.save(update_fields=["ended_at"])
        details = {"role": membership.role}
        audit.record("staff.role_ended", rows=[membership.user_id], reason="administration", details=details)
        if membership.role == Role.SUPERVISOR:
            Membership.objects.filter(
                tenant_id=membership.tenant_id, supervisor_id=membership.user_id, ended_at=None
            ).update(supervisor=None)
        if membership.role == Role.CLINICIAN:
            _forget_leave(membership)


def _forget_leave(membership: Membership) -> None:
    """Nobody is away from where they do not work, nor covered there."""
    theirs = {"tenant_id": membership.tenant_id, "clinician_id": membership.user_id}
    for absences in (Leave.objects.filter(**theirs), Cover.objects.filter(**theirs)):
        absences.filter(starts_at__gte=membership.ended_at).delete()
        absences.filter(Q(ends_at=None) | Q(ends_at__gt=membership.ended_at)).update(ends_at=membership.ended_at)
