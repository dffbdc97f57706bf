"""Who works at a tenant: the directory of its staff, and what of their work is the account's alone to say."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from apps.accounts.errors import StaffChangeRefused, StaffNotFound
from apps.accounts.models import Membership, User
from apps.audit import recording as audit
from apps.core.actor import Actor
from apps.core.database import run
from apps.tenants.context import current_work

Role = Membership.Role
WITH_SECOND_FACTOR = "SELECT * FROM accounts_with_second_factor()"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Someone who works here now, with their roles in the order of `Role`; a clinician may have a supervisor."""

    user: User
    roles: tuple[Membership.Role, ...]
    supervisor: User | None
    has_second_factor: bool

    @property
    def is_clinician(self) -> bool:
        return Role.CLINICIAN in self.roles

    @property
    def is_supervisor(self) -> bool:
        return Role.SUPERVISOR in self.roles


def colleagues(actor: Actor) -> list[Colleague]:
    """Everyone who works at the actor's tenant, by name. Two statements."""
    here = Membership.objects.visible_to(actor).select_related("user", "supervisor")
    return _gathered(here.defer("user__password", "supervisor__password"))


def one_of(staff: Iterable[Colleague], user_id: uuid.UUID) -> Colleague:
    """The one of that id, or `StaffNotFound`."""
    found = next((each for each in staff if each.user.id == user_id), None)
    if found is None:
        raise StaffNotFound
    return found


def _gathered(memberships: Iterable[Membership]) -> list[Colleague]:
    by_person: dict[uuid.UUID, list[Membership]] = {}
    for membership in memberships:
        by_person.setdefault(membership.user_id, []).append(membership)
    enrolled = {row[0] for row in run([(WITH_SECOND_FACTOR, ())])[0]} if by_person else set()
    found = [
        Colleague(
            user=theirs[0].user,
            roles=tuple(role for role in Role if role in {each.role for each in theirs}),
            supervisor=next((each.supervisor for each in theirs if each.role == Role.CLINICIAN), None),
            has_second_factor=user_id in enrolled,
        )
        for user_id, theirs in by_person.items()
    ]
    return sorted(found, key=lambda each: (each.user.name.casefold(), each.user.id))


def set_supervisor(*, user_id: uuid.UUID, supervisor_id: uuid.UUID | None) -> None:
    """Say who supervises a clinician, and so sees their members, or that nobody does.

    `StaffNotFound`; `StaffChangeRefused` unless the one is a clinician here and the other another person who supervises here.
    """
    here = Membership.objects.filter(tenant_id=current_work().tenant_id, ended_at=None)
    membership = here.filter(user_id=user_id, role=Role.CLINICIAN).select_for_update().first()
    if membership is None:
        if here.filter(user_id=user_id).exists():
            raise StaffChangeRefused("Only a clinician has a supervisor. Give them that role first.")
        raise StaffNotFound
    if supervisor_id == user_id:
        raise StaffChangeRefused("Nobody supervises themselves. Choose someone else.")
    if supervisor_id and not here.filter(user_id=supervisor_id, role=Role.SUPERVISOR).exists():
        raise StaffChangeRefused("Choose someone who works here as a supervisor.")
    if membership.supervisor_id == supervisor_id:
        return
    membership.supervisor_id = supervisor_id
    membership.save(update_fields=["supervisor"])
    details = {"supervisor": str(supervisor_id) if supervisor_id else None}
    audit.record("staff.supervisor_set", rows=[user_id], reason="administration", details=details)
