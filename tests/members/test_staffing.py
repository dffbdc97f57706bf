"""Roles, supervision, the end of someone's work, and who treats whom: what each verb does and refuses."""

import uuid

import pytest

from apps.accounts import staff
from apps.accounts.errors import StaffChangeRefused, StaffNotFound
from apps.accounts.models import Cover, Leave, Membership
from apps.audit.models import Record
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.members import staffing, transfers
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.members.workload import Load, loads
from apps.tenants.context import acting_as
from tests.members.staff import (
    Role,
    admin_of,
    administering,
    clinician_of,
    hire,
    pressing_member,
    roles_of,
)
from tests.people import VendorWorld


def test_roles_are_given_and_taken_and_each_is_recorded(vendor: VendorWorld) -> None:
    colleague = hire(vendor)
    with administering(vendor):
        staffing.change_roles(user_id=colleague.id, roles=[Role.SUPERVISOR, Role.AUDITOR])
    assert roles_of(vendor, colleague) == {Role.SUPERVISOR, Role.AUDITOR}
    with administering(vendor):
        found = Record.objects.filter(tenant_id=vendor.tenant.id, rows__contains=[colleague.id], actor_kind="person")
        said = [(each.action, each.details["role"]) for each in found.order_by("id")]
    assert sorted(said) == [
        ("staff.role_ended", "clinician"),
        ("staff.role_granted", "auditor"),
        ("staff.role_granted", "supervisor"),
    ]


def test_the_last_administrator_stays_one(vendor: VendorWorld) -> None:
    with administering(vendor):
        for roles in ([], [Role.AUDITOR]):
            with pytest.raises(StaffChangeRefused):
                staffing.change_roles(user_id=vendor.admin.id, roles=roles)
        with pytest.raises(StaffChangeRefused):
            staffing.end_work(user_id=vendor.admin.id)
    hire(vendor, Role.ADMIN)
    with administering(vendor):
        staffing.change_roles(user_id=vendor.admin.id, roles=[Role.AUDITOR])
    assert roles_of(vendor, vendor.admin) == {Role.AUDITOR}


@pytest.mark.parametrize("roles", [["operator"], ["clinician", "operator"], ["janitor"]])
def test_nobody_is_raised_to_what_a_vendor_cannot_give(vendor: VendorWorld, roles: list[str]) -> None:
    with administering(vendor), pytest.raises(StaffChangeRefused):
        staffing.change_roles(user_id=vendor.clinician.id, roles=roles)
    assert roles_of(vendor, vendor.clinician) == {Role.CLINICIAN}


def test_whoever_treats_members_stays_a_clinician_until_they_are_given_to_another(vendor: VendorWorld) -> None:
    member, colleague = vendor.member(), hire(vendor)
    with administering(vendor):
        with pytest.raises(StaffChangeRefused, match="treat 1 member"):
            staffing.change_roles(user_id=vendor.clinician.id, roles=[Role.AUDITOR])
        with pytest.raises(StaffChangeRefused, match="takes these over"):
            staffing.end_work(user_id=vendor.clinician.id)
        with pytest.raises(Invalid):
            staffing.end_work(user_id=vendor.clinician.id, successor_id=vendor.admin.id)
        with pytest.raises(Invalid):
            staffing.end_work(user_id=vendor.clinician.id, successor_id=vendor.clinician.id)
        assert staffing.end_work(user_id=vendor.clinician.id, successor_id=colleague.id) == 1
    assert roles_of(vendor, vendor.clinician) == set()
    assert clinician_of(vendor, member) == colleague


def test_nobody_leaves_while_their_members_have_open_flags(vendor: VendorWorld) -> None:
    member, colleague = pressing_member(vendor), hire(vendor)
    with administering(vendor):
        with pytest.raises(StaffChangeRefused, match="open crisis flags"):
            staffing.end_work(user_id=vendor.clinician.id, successor_id=colleague.id)
        transfers.assign_clinician(member_ids=[member.person_id], clinician_id=colleague.id)
        staffing.end_work(user_id=vendor.clinician.id)
    assert roles_of(vendor, vendor.clinician) == set()


def test_nobody_leaves_whom_a_colleague_on_leave_relies_on(vendor: VendorWorld) -> None:
    colleague = hire(vendor)
    with administering(vendor):
        Cover.objects.create(tenant_id=vendor.tenant.id, clinician=vendor.clinician, covered_by=colleague)
        with pytest.raises(StaffChangeRefused, match="cover a colleague"):
            staffing.end_work(user_id=colleague.id)


def test_with_a_clinicians_work_their_leave_and_cover_end(vendor: VendorWorld) -> None:
    colleague = hire(vendor)
    with administering(vendor):
        Cover.objects.create(tenant_id=vendor.tenant.id, clinician=vendor.clinician, covered_by=colleague)
        Leave.objects.create(
            tenant_id=vendor.tenant.id, clinician=vendor.clinician, starts_at=now(), made_by={"kind": "system"}
        )
        staffing.end_work(user_id=vendor.clinician.id)
        assert not Cover.objects.filter(tenant_id=vendor.tenant.id).not_over().exists()
        assert not Leave.objects.filter(tenant_id=vendor.tenant.id).not_over().exists()


def supervised(vendor: VendorWorld) -> staff.Colleague:
    return staff.one_of(staff.colleagues(admin_of(vendor)), vendor.clinician.id)


def test_a_clinician_is_supervised_by_a_supervisor_of_the_same_place_until_that_one_leaves(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    supervisor, stranger = hire(vendor, Role.SUPERVISOR), hire(other_vendor, Role.SUPERVISOR)
    with administering(vendor):
        for wrong in (vendor.admin.id, stranger.id, vendor.clinician.id, uuid.uuid4()):
            with pytest.raises(StaffChangeRefused):
                staff.set_supervisor(user_id=vendor.clinician.id, supervisor_id=wrong)
        with pytest.raises(StaffChangeRefused):
            staff.set_supervisor(user_id=vendor.admin.id, supervisor_id=supervisor.id)
        with pytest.raises(StaffNotFound):
            staff.set_supervisor(user_id=stranger.id, supervisor_id=supervisor.id)
        staff.set_supervisor(user_id=vendor.clinician.id, supervisor_id=supervisor.id)
        assert supervised(vendor).supervisor == supervisor
        staffing.end_work(user_id=supervisor.id)
        assert supervised(vendor).supervisor is None


def test_the_work_of_one_place_ends_and_that_of_another_goes_on(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    colleague = hire(vendor)
    with administering(other_vendor):
        with pytest.raises(StaffNotFound):
            staffing.end_work(user_id=colleague.id)
        with pytest.raises(StaffNotFound):
            staffing.change_roles(user_id=colleague.id, roles=[Role.AUDITOR])
    both = hire(other_vendor, Role.AUDITOR)
    with acting_as(admin_of(vendor)):
        found = Membership.objects.filter(tenant_id=other_vendor.tenant.id)
        assert not found.exists()
    assert roles_of(other_vendor, both) == {Role.AUDITOR}


def test_members_are_given_to_a_clinician_all_or_none(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    colleague, mine = hire(vendor), [vendor.member(), vendor.member()]
    foreign = other_vendor.member()
    ids = [member.person_id for member in mine]
    with pytest.raises(MemberNotFound), administering(vendor):
        transfers.assign_clinician(member_ids=[*ids, foreign.person_id], clinician_id=colleague.id)
    assert clinician_of(vendor, mine[0]) == vendor.clinician
    for wrong in (vendor.admin.id, other_vendor.clinician.id):
        with pytest.raises(Invalid), administering(vendor):
            transfers.assign_clinician(member_ids=ids, clinician_id=wrong)
    with administering(vendor):
        assert transfers.assign_clinician(member_ids=ids, clinician_id=colleague.id) == 2
        assert transfers.assign_clinician(member_ids=ids, clinician_id=colleague.id) == 0
    with administering(vendor):
        said = Record.objects.filter(tenant_id=vendor.tenant.id, action="member.clinician_set")
        assert set(said.values_list("member_id", flat=True)) == set(ids)
        assert len(said) == 2


def test_the_load_of_each_clinician_is_counted_with_the_flags(vendor: VendorWorld) -> None:
    pressing_member(vendor)
    vendor.member()
    with administering(vendor):
        assert loads(admin_of(vendor)) == {vendor.clinician.id: Load(2, 1, 1)}
        assert loads(vendor.actor) == {}


def test_whom_nobody_treats_is_found_even_if_the_clinician_left(vendor: VendorWorld) -> None:
    unassigned, left, treated = vendor.member(), vendor.member(), vendor.member()
    colleague = hire(vendor)
    with administering(vendor):
        Assignment.objects.filter(id=unassigned.id).update(primary_clinician=None)
        transfers.assign_clinician(member_ids=[treated.person_id], clinician_id=colleague.id)
        Membership.objects.filter(user=vendor.clinician).update(ended_at=now())
        found = Assignment.objects.administered_by(admin_of(vendor)).without_clinician()
        assert {member.id for member in found} == {unassigned.id, left.id}
