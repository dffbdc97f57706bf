"""Who sees an account and its password's hash, and who may change it."""

import secrets

import pytest
from django.db import DatabaseError, transaction

from apps.accounts import actions as accounts
from apps.accounts.models import Membership, User, presented
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.people import VendorWorld


def seen() -> set[object]:
    return set(User.objects.values_list("id", flat=True))


def test_without_a_tenant_no_account_is_read() -> None:
    with transaction.atomic():
        assert seen() == set()


def test_a_tenant_sees_the_accounts_of_those_who_work_there_or_did(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        Membership.objects.filter(user=vendor.clinician).update(ended_at=vendor.clinician.created_at)
    with acting_as(system_actor(vendor.tenant.id)):
        assert seen() == {vendor.admin.id, vendor.clinician.id}
    with acting_as(system_actor(PLATFORM_ID)):
        assert seen() >= {vendor.admin.id, other_vendor.admin.id}


def test_a_presented_email_opens_its_own_account_and_no_other_until_it_is_taken_back(vendor: VendorWorld) -> None:
    assert User.objects.get_by_natural_key(vendor.admin.email.upper()) == vendor.admin
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key("nobody@example.org")
    with transaction.atomic():
        with presented(vendor.admin.email):
            assert seen() == {vendor.admin.id}
        assert seen() == set()


def change_password(user: User) -> int:
    return User.objects.filter(id=user.id).update(password="x")


def test_a_tenant_cannot_change_an_account_even_of_its_own_staff(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    with acting_as(system_actor(other_vendor.tenant.id)):
        accounts.add_staff(email=vendor.admin.email, name="Somebody", role=Membership.Role.AUDITOR)
        assert change_password(vendor.admin) == 0
        assert change_password(other_vendor.admin) == 0
    assert User.objects.get_by_natural_key(vendor.admin.email).name == vendor.admin.name


def test_the_operator_and_the_person_change_an_account(vendor: VendorWorld) -> None:
    with acting_as(system_actor(PLATFORM_ID)):
        assert change_password(vendor.admin) == 1
    password = secrets.token_urlsafe(12)
    with acting_as(system_actor(vendor.tenant.id)):
        accounts.set_password(user=vendor.admin, password=password)
    assert User.objects.get_by_natural_key(vendor.admin.email).check_password(password)


def test_nobody_is_made_staff_by_an_accounts_id(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    named = Membership(tenant_id=other_vendor.tenant.id, user_id=vendor.admin.id, role=Membership.Role.AUDITOR)
    with acting_as(system_actor(other_vendor.tenant.id)):
        with pytest.raises(DatabaseError), transaction.atomic():
            named.save(force_insert=True)
        with pytest.raises(DatabaseError), transaction.atomic():
            Membership.objects.filter(user=other_vendor.admin).update(user=vendor.admin)
        assert vendor.admin.id not in seen()
        accounts.add_staff(email=vendor.admin.email, name="Somebody", role=Membership.Role.AUDITOR)
        assert vendor.admin.id in seen()


def test_an_account_is_made_inside_a_tenant_only() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        User(email=f"{secrets.token_hex(5)}@example.org", name="x").save(force_insert=True)


def test_members_are_listed_with_the_names_of_clinicians_who_work_here_or_did(vendor: VendorWorld) -> None:
    vendor.member()
    with acting_as(system_actor(vendor.tenant.id)):
        Membership.objects.filter(user=vendor.clinician).update(ended_at=vendor.clinician.created_at)
    listed = vendor.api.get("/members/").json()["results"]
    assert [member["primary_clinician"]["name"] for member in listed] == [vendor.clinician.name]
