"""An administrator at the pages of staff: who is there, who is invited, what somebody is, and the end of their work."""

import secrets
import uuid
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts import sign_in
from apps.accounts.models import Invitation, Membership, User
from apps.core.clock import now
from apps.notes import actions as notes
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.members.staff import Role, administering, clinician_of, hire, pressing_member, roles_of
from tests.notes.test_write import a_session
from tests.people import VendorWorld
from tests.portal.people import portal

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reply

STAFF = "/portal/staff/"
HOSTILE = "<img src=x>Zoë & Söhne"


@pytest.fixture
def admin(vendor: VendorWorld) -> Client:
    return portal(vendor, vendor.admin)


def page_of(user: User, rest: str = "") -> str:
    return f"{STAFF}{user.id}/{rest}"


def said(reply: "Reply") -> str:
    return reply.content.decode()


def test_everyone_is_listed_with_roles_supervisor_second_factor_and_last_sign_in(
    vendor: VendorWorld, other_vendor: VendorWorld, admin: Client
) -> None:
    supervisor = hire(vendor, Role.SUPERVISOR, name="Dr Ines Falk")
    with administering(vendor):
        Membership.objects.filter(user=vendor.clinician).update(supervisor=supervisor)
    with transaction.atomic():
        sign_in.open_own(supervisor.id)
        TOTP.activate(supervisor, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    page = said(admin.get(STAFF))
    assert page.count("Enrolled") == 1
    assert page.count("Not yet") == 2
    assert page.count("Dr Ines Falk") == 2
    assert page.count("Never") == 2
    assert other_vendor.clinician.email not in page
    assert not Authenticator.objects.exists()


def test_someone_is_invited_again_and_withdrawn(
    vendor: VendorWorld, admin: Client, mailoutbox: list[EmailMessage]
) -> None:
    email = f"{secrets.token_hex(4)}@example.org"
    sent = {"email": email, "name": HOSTILE, "roles": ["clinician", "supervisor"]}
    assert admin.post(f"{STAFF}invite/", sent).headers["Location"] == STAFF
    again = admin.post(f"{STAFF}invite/", sent)
    assert again.status_code == 422
    assert "invited already" in said(again)
    page = said(admin.get(STAFF))
    assert email in page
    assert "&lt;img src=x&gt;Zoë" in page
    assert "<img" not in page
    with administering(vendor):
        invitation = Invitation.objects.get(tenant_id=vendor.tenant.id)
        Invitation.objects.filter(id=invitation.id).update(sent_at=now() - timedelta(hours=1))
    assert admin.post(f"{STAFF}invitations/{invitation.id}/resend/").status_code == 302
    assert admin.post(f"{STAFF}invitations/{invitation.id}/resend/").status_code == 409
    assert len(mailoutbox) == 2
    assert admin.post(f"{STAFF}invitations/{invitation.id}/revoke/").status_code == 302
    assert admin.post(f"{STAFF}invitations/{invitation.id}/revoke/").status_code == 404
    assert email not in said(admin.get(STAFF))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"email": "nobody", "name": "x", "roles": ["clinician"]}, "Enter an email address"),
        ({"email": "a@example.org", "name": "x"}, "Choose at least one role"),
        ({"email": "a@example.org", "name": "x", "roles": ["operator"]}, "Choose from the list"),
        ({"email": "", "name": "", "roles": ["clinician"]}, "Enter the name"),
    ],
)
def test_what_is_wrong_with_an_invitation_is_said_at_its_field(
    admin: Client, given: dict[str, object], told: str
) -> None:
    reply = admin.post(f"{STAFF}invite/", given)
    assert reply.status_code == 422
    assert told in said(reply)


def test_roles_and_supervisor_are_changed_and_refusals_explained(vendor: VendorWorld, admin: Client) -> None:
    supervisor, member = hire(vendor, Role.SUPERVISOR), vendor.member()
    mine = vendor.clinician
    assert admin.post(page_of(mine, "roles/"), {"roles": ["clinician", "auditor"]}).status_code == 302
    assert roles_of(vendor, mine) == {Role.CLINICIAN, Role.AUDITOR}
    assert admin.post(page_of(mine, "supervisor/"), {"supervisor": str(supervisor.id)}).status_code == 302
    assert said(admin.get(page_of(mine))).count("selected") == 1
    refused = admin.post(page_of(mine, "roles/"), {"roles": ["auditor"]})
    assert refused.status_code == 422
    assert "They treat 1 member" in said(refused)
    last = admin.post(page_of(vendor.admin, "roles/"), {"roles": ["auditor"]})
    assert "last administrator" in said(last)
    assert clinician_of(vendor, member) == mine


def test_work_ends_with_the_members_in_other_hands_and_access_ends_at_once(vendor: VendorWorld, admin: Client) -> None:
    member, heir = vendor.member(), hire(vendor)
    theirs = portal(vendor, vendor.clinician)
    assert theirs.get("/portal/caseload/").status_code == 200
    end = page_of(vendor.clinician, "end/")
    assert "Choose someone" in said(admin.post(end, {"confirmed": "on"}))
    assert "Confirm that" in said(admin.post(end, {"clinician": str(heir.id)}))
    done = {"confirmed": "on", "clinician": str(heir.id)}
    assert admin.post(end, done).headers["Location"] == STAFF
    assert admin.post(end, done).status_code == 404
    assert clinician_of(vendor, member) == heir
    assert theirs.get("/portal/caseload/").status_code == 302
    assert vendor.clinician.email not in said(admin.get(STAFF))


def test_open_flags_keep_someone(vendor: VendorWorld, admin: Client) -> None:
    pressing_member(vendor)
    heir = hire(vendor)
    assert "open crisis flags" in said(admin.get(page_of(vendor.clinician)))
    refused = admin.post(page_of(vendor.clinician, "end/"), {"confirmed": "on", "clinician": str(heir.id)})
    assert refused.status_code == 422
    assert "open crisis flags" in said(refused)
    assert roles_of(vendor, vendor.clinician) == {Role.CLINICIAN}


def test_unsigned_notes_are_pointed_at_and_keep_nobody(vendor: VendorWorld, admin: Client) -> None:
    session, heir = a_session(vendor), hire(vendor)
    with acting_as(vendor.actor):
        notes.write(session_id=uuid.UUID(session), note_type="progress", content={"body": "Slept badly."})
    end = page_of(vendor.clinician, "end/")
    assert "1 of their notes is not signed" in said(admin.get(end))
    assert admin.post(end, {"confirmed": "on", "clinician": str(heir.id)}).status_code == 302


def test_whoever_works_at_two_places_loses_the_one_alone(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    both = portal(vendor, vendor.clinician)
    with administering(other_vendor):
        accounts.add_staff(email=vendor.clinician.email, name="Dr Sam Okafor", role=Role.CLINICIAN)
    elsewhere = portal(other_vendor, other_vendor.admin)
    assert elsewhere.post(page_of(vendor.clinician, "end/"), {"confirmed": "on"}).headers["Location"] == STAFF
    assert elsewhere.get(page_of(vendor.clinician)).status_code == 404
    assert roles_of(other_vendor, vendor.clinician) == set()
    assert roles_of(vendor, vendor.clinician) == {Role.CLINICIAN}
    assert both.get("/portal/caseload/").status_code == 200


@pytest.mark.parametrize("path", ["", "roles/", "supervisor/", "end/"])
def test_another_tenants_person_is_nobody_here(other_vendor: VendorWorld, admin: Client, path: str) -> None:
    target = page_of(other_vendor.clinician, path)
    if path in ("", "end/"):
        assert admin.get(target).status_code == 404
    if path:
        assert admin.post(target, {"roles": ["auditor"], "supervisor": "", "confirmed": "on"}).status_code == 404
    assert roles_of(other_vendor, other_vendor.clinician) == {Role.CLINICIAN}


PAGES = ("", "invite/", "leave/", "leave/plan/")


@pytest.mark.parametrize("path", [*(STAFF + page for page in PAGES), "/portal/organisation/", "/portal/assignments/"])
def test_a_clinician_is_told_that_the_page_is_not_theirs(vendor: VendorWorld, path: str) -> None:
    assert portal(vendor, vendor.clinician).get(path).status_code == 403


def test_a_clinician_changes_nobody(vendor: VendorWorld) -> None:
    clinician = portal(vendor, vendor.clinician)
    assert clinician.post(page_of(vendor.clinician, "roles/"), {"roles": ["vendor_admin"]}).status_code == 403
    assert clinician.post(page_of(vendor.admin, "end/"), {"confirmed": "on"}).status_code == 403
    assert roles_of(vendor, vendor.admin) == {Role.ADMIN}


def test_the_pages_keep_to_their_statements(vendor: VendorWorld, admin: Client) -> None:
    for _ in range(3):
        hire(vendor)
        vendor.member()
    for path in (STAFF, page_of(vendor.clinician), page_of(vendor.clinician, "end/"), f"{STAFF}invite/"):
        assert len(statements(partial(status, admin, path), 200)) <= 12


def status(client: Client, path: str) -> int:
    return client.get(path).status_code
