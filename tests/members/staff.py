"""Staff of the tests beside a vendor's first admin and clinician."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from apps.accounts import actions as accounts
from apps.accounts.models import Membership, User
from apps.core.actor import Actor, system_actor
from apps.crisis import actions as crisis
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from tests.people import VendorWorld

Role = Membership.Role


def hire(vendor: VendorWorld, *roles: Membership.Role, name: str = "Dr Lena Abara") -> User:
    """Someone new with these roles, a clinician unless any is named."""
    email = f"staff.{secrets.token_hex(5)}@example.org"
    with acting_as(system_actor(vendor.tenant.id)):
        for role in roles or (Role.CLINICIAN,):
            user = accounts.add_staff(email=email, name=name, role=role)
    return user


def admin_of(vendor: VendorWorld) -> Actor:
    return Actor(
        kind="person",
        id=vendor.admin.id,
        name=vendor.admin.name,
        tenant_id=vendor.tenant.id,
        roles=frozenset({Role.ADMIN}),
        door="portal",
    )


@contextmanager
def administering(vendor: VendorWorld) -> Iterator[None]:
    with acting_as(admin_of(vendor)):
        yield


def pressing_member(vendor: VendorWorld) -> Assignment:
    """A member of the vendor's clinician with an open crisis flag."""
    member = vendor.member()
    with acting_as(system_actor(vendor.tenant.id)):
        crisis.raise_flag(
            member_id=member.person_id, category="self_harm", severity="high", description="Fresh cuts, seen today."
        )
    return member


def roles_of(vendor: VendorWorld, user: User) -> set[str]:
    with administering(vendor):
        here = Membership.objects.filter(tenant_id=vendor.tenant.id, user=user, ended_at=None)
        return set(here.values_list("role", flat=True))


def clinician_of(vendor: VendorWorld, member: Assignment) -> User | None:
    with administering(vendor):
        return Assignment.objects.select_related("primary_clinician").get(id=member.id).primary_clinician
