"""The caseload holds those whom the person treats or covers, and no one else."""

import secrets

from apps.accounts import actions as accounts
from apps.accounts.models import Cover, Membership
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from tests.people import VendorWorld
from tests.portal.people import portal

CASELOAD = "/portal/caseload/"


def test_it_lists_whom_the_clinician_treats_and_records_it(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    vendor.member(last_name="Thistlewood")
    other_vendor.member(last_name="Quagmire")
    page = portal(vendor, vendor.clinician).get(CASELOAD).content.decode()
    assert "Thistlewood" in page
    assert "Quagmire" not in page


def test_a_colleague_sees_a_member_only_while_covering(vendor: VendorWorld) -> None:
    vendor.member(last_name="Thistlewood")
    with acting_as(system_actor(vendor.tenant.id)):
        email = f"colleague-{secrets.token_hex(4)}@example.org"
        colleague = accounts.add_staff(email=email, name="Kim Rao", role=Membership.Role.CLINICIAN)
    client = portal(vendor, colleague)
    assert "Thistlewood" not in client.get(CASELOAD).content.decode()
    with acting_as(system_actor(vendor.tenant.id)):
        Cover.objects.create(tenant_id=vendor.tenant.id, clinician=vendor.clinician, covered_by=colleague)
    assert "Thistlewood" in client.get(CASELOAD).content.decode()


def test_html_in_a_name_is_text(vendor: VendorWorld) -> None:
    vendor.member(last_name="<script>alert(1)</script>")
    page = portal(vendor, vendor.clinician).get(CASELOAD).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_administrator_is_told_that_the_caseload_is_for_clinicians(vendor: VendorWorld) -> None:
    reply = portal(vendor, vendor.admin).get(CASELOAD)
    assert reply.status_code == 403
    assert "clinician or supervisor" in reply.content.decode()


def test_htmx_gets_the_rows_alone(vendor: VendorWorld) -> None:
    vendor.member(last_name="Thistlewood")
    headers = {"HX-Request": "true", "HX-Target": "rows"}
    page = portal(vendor, vendor.clinician).get(CASELOAD, headers=headers).content.decode()
    assert "Thistlewood" in page
    assert "<html" not in page


def test_a_member_is_found_by_a_name_that_is_sealed(vendor: VendorWorld) -> None:
    vendor.member(first_name="Odalys", last_name="Thistlewood")
    vendor.member(first_name="Bram", last_name="Larkspur")
    page = portal(vendor, vendor.clinician).get(CASELOAD, {"q": "thistlewood odalys"}).content.decode()
    assert "Thistlewood" in page
    assert "Larkspur" not in page


def test_what_is_asked_of_the_list_goes_along_to_the_next_page(vendor: VendorWorld) -> None:
    for _ in range(26):
        vendor.member()
    client = portal(vendor, vendor.clinician)
    page = client.get(CASELOAD, {"order": "session", "risk": "low"}).content.decode()
    assert "order=session&amp;risk=low&amp;page=2" in page
    assert "Page 2 of 2, 26 members" in client.get(CASELOAD, {"risk": "low", "page": "2"}).content.decode()


def test_nonsense_in_the_address_is_left_out(vendor: VendorWorld) -> None:
    vendor.member(last_name="Thistlewood")
    client = portal(vendor, vendor.clinician)
    for nonsense in ({"page": "x"}, {"risk": "'"}, {"order": "id"}, {"q": "x" * 300}, {"q": "a\x00b"}):
        assert client.get(CASELOAD, nonsense).status_code == 200
