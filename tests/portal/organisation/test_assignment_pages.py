"""Who treats whom, in the browser: loads, members without a clinician, and giving members to another."""

import uuid
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import Record
from apps.members.models import Assignment
from tests.counting import statements
from tests.members.staff import administering, clinician_of, hire, pressing_member
from tests.people import VendorWorld
from tests.portal.people import portal

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reply

ASSIGNMENTS = "/portal/assignments/"


@pytest.fixture
def admin(vendor: VendorWorld) -> Client:
    return portal(vendor, vendor.admin)


def unassigned(vendor: VendorWorld, first_name: str = "Ada") -> Assignment:
    member = vendor.member(first_name=first_name)
    with administering(vendor):
        Assignment.objects.filter(id=member.id).update(primary_clinician=None)
    return member


def of(user: User) -> str:
    return f"{ASSIGNMENTS}{user.id}/"


def said(reply: "Reply") -> str:
    return reply.content.decode()


def test_loads_and_whom_nobody_treats_are_shown_and_recorded_as_read(vendor: VendorWorld, admin: Client) -> None:
    pressing, waiting = pressing_member(vendor), unassigned(vendor, first_name="<b>Ünal")
    page = said(admin.get(ASSIGNMENTS))
    assert "&lt;b&gt;Ünal" in page
    assert "<b>" not in page
    assert pressing.called not in page
    with administering(vendor):
        read = Record.objects.get(tenant_id=vendor.tenant.id, action="member.listed")
        assert (read.rows, read.reason) == ([waiting.id], "administration")


def test_chosen_members_are_given_to_a_clinician_and_a_second_click_changes_nothing(
    vendor: VendorWorld, admin: Client
) -> None:
    mine, other = unassigned(vendor), unassigned(vendor)
    given = {"member": [str(mine.person_id)], "clinician": str(vendor.clinician.id)}
    assert admin.post(ASSIGNMENTS, given).headers["Location"] == ASSIGNMENTS
    assert "1 member is given" in said(admin.get(ASSIGNMENTS))
    assert admin.post(ASSIGNMENTS, given).status_code == 302
    assert clinician_of(vendor, mine) == vendor.clinician
    assert clinician_of(vendor, other) is None


def test_all_of_one_clinician_go_to_another(vendor: VendorWorld, admin: Client) -> None:
    members, heir = [vendor.member() for _ in range(3)], hire(vendor)
    given = {"everyone": "on", "clinician": str(heir.id)}
    assert admin.post(of(vendor.clinician), given).status_code == 302
    assert [clinician_of(vendor, member) for member in members] == [heir] * 3
    assert "They treat nobody" in said(admin.get(of(vendor.clinician)))


def test_a_member_is_found_by_name_among_a_clinicians(vendor: VendorWorld, admin: Client) -> None:
    wanted, other = vendor.member(first_name="Marisol"), vendor.member(first_name="Benno")
    page = said(admin.get(of(vendor.clinician), {"q": "marisol"}))
    assert wanted.called in page
    assert other.called not in page
    with administering(vendor):
        assert Record.objects.filter(action="member.searched", rows=[wanted.id], reason="administration").exists()


def test_wrong_choices_are_explained_and_change_nothing(
    vendor: VendorWorld, other_vendor: VendorWorld, admin: Client
) -> None:
    mine, foreign = unassigned(vendor), other_vendor.member()
    to = str(vendor.clinician.id)
    assert "Choose at least one member" in said(admin.post(ASSIGNMENTS, {"clinician": to}))
    assert "Choose someone" in said(admin.post(ASSIGNMENTS, {"member": [str(mine.person_id)]}))
    for wrong in (str(vendor.admin.id), str(other_vendor.clinician.id), "x"):
        refused = admin.post(ASSIGNMENTS, {"member": [str(mine.person_id)], "clinician": wrong})
        assert (refused.status_code, clinician_of(vendor, mine)) == (422, None)
    assert admin.post(ASSIGNMENTS, {"member": ["no id"], "clinician": to}).status_code == 422
    for nobody in (foreign.person_id, uuid.uuid4()):
        both = {"member": [str(mine.person_id), str(nobody)], "clinician": to}
        assert admin.post(ASSIGNMENTS, both).status_code == 404
    assert clinician_of(vendor, mine) is None
    assert clinician_of(other_vendor, foreign) == other_vendor.clinician


def test_another_tenants_clinician_has_no_page_here_and_a_clinician_has_none(
    vendor: VendorWorld, other_vendor: VendorWorld, admin: Client
) -> None:
    assert admin.get(of(other_vendor.clinician)).status_code == 404
    clinician = portal(vendor, vendor.clinician)
    assert clinician.get(of(vendor.clinician)).status_code == 403
    assert clinician.post(of(vendor.clinician), {"everyone": "on"}).status_code == 403


def test_an_administrator_opens_no_chart(vendor: VendorWorld, admin: Client) -> None:
    member = vendor.member()
    reply = admin.get(f"/portal/members/{member.person_id}/")
    assert reply.status_code == 403
    assert member.called not in said(reply)


def test_the_pages_keep_to_their_statements(vendor: VendorWorld, admin: Client) -> None:
    for _ in range(3):
        unassigned(vendor)
        vendor.member()
    assert len(statements(lambda: admin.get(ASSIGNMENTS).status_code, 200)) <= 12
    assert len(statements(lambda: admin.get(of(vendor.clinician)).status_code, 200)) <= 12
