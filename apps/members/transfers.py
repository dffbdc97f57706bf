"""Verbs of who treats whom: give members to a clinician, one or many, or all of one clinician's to another."""

import uuid
from collections.abc import Collection

from apps.accounts.models import Membership
from apps.accounts.staff import Role
from apps.audit import recording as audit
from apps.core.errors import Invalid
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment, AssignmentQuerySet
from apps.tenants.context import current_work

# Each member has a record of their own, and all go in one statement.
MOST_AT_ONCE = 1000


def assign_clinician(*, member_ids: Collection[uuid.UUID], clinician_id: uuid.UUID) -> int:
    """Make a clinician of this tenant the one who treats these members, 1000 at most. Returns for how many that is new.

    `MemberNotFound` when one of them is not assigned here, and nothing is changed then; `Invalid` by field.
    """
    if not member_ids:
        raise Invalid.field("members", "Choose at least one member.")
    if len(member_ids) > MOST_AT_ONCE:
        raise Invalid.field("members", f"Choose at most {MOST_AT_ONCE} members at once.")
    _hold_clinician(clinician_id)
    return _give(_current().filter(person_id__in=member_ids), clinician_id, expected=len(set(member_ids)))


def transfer_all(*, clinician_id: uuid.UUID, to_clinician_id: uuid.UUID) -> int:
    """Give all members of one clinician to another, 1000 at most. Returns how many."""
    if clinician_id == to_clinician_id:
        raise Invalid.field("clinician", "Choose another clinician than the one who treats them.")
    _hold_clinician(to_clinician_id)
    theirs = _current().filter(primary_clinician_id=clinician_id)
    amount = theirs.count()
    if amount > MOST_AT_ONCE:
        raise Invalid.field(
            "clinician", f"They treat {amount} members. Give them to others in parts of at most {MOST_AT_ONCE} first."
        )
    return _give(theirs, to_clinician_id, expected=None)


def _hold_clinician(clinician_id: uuid.UUID) -> None:
    """Nobody ends this clinician's work before the members are theirs."""
    here = Membership.objects.filter(tenant_id=current_work().tenant_id, role=Role.CLINICIAN, ended_at=None)
    if here.filter(user_id=clinician_id).select_for_update(no_key=True).first() is None:
        raise Invalid.field("clinician", "Choose someone who works here as a clinician.")


def _give(members: AssignmentQuerySet, clinician_id: uuid.UUID, *, expected: int | None) -> int:
    locked = members.order_by("person_id").select_for_update(no_key=True)
    found = list(locked.values_list("id", "person_id", "primary_clinician_id"))
    if expected is not None and len(found) != expected:
        raise MemberNotFound
    given = [row for row in found if row[2] != clinician_id]
    Assignment.objects.filter(tenant_id=current_work().tenant_id, id__in=[row[0] for row in given]).update(
        primary_clinician_id=clinician_id
    )
    for assignment_id, person_id, before in given:
        details = {"from": str(before) if before else None, "to": str(clinician_id)}
        audit.record(
            "member.clinician_set",
            rows=[assignment_id],
            member_id=person_id,
            reason="administration",
            details=details,
        )
    return len(given)


def _current() -> AssignmentQuerySet:
    return Assignment.objects.filter(tenant_id=current_work().tenant_id, ended_at=None)
