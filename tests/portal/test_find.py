"""The palette's finding: members by sealed words among those in reach, pages by role, acts by name."""

import pytest
from django.test import Client

from apps.core.actor import system_actor
from apps.core.database import run
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.people import VendorWorld
from tests.portal.people import portal

FIND = "/portal/find/"
HTMX = {"HX-Request": "true"}


def found(client: Client, text: str, **headers: str) -> str:
    reply = client.get(FIND, {"q": text}, headers={**HTMX, **headers})
    assert reply.status_code == 200
    return reply.content.decode()


def test_a_member_in_reach_is_found_by_the_beginning_of_a_name_with_what_can_be_done(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    member, foreign = vendor.member(last_name="Quagmire"), other_vendor.member(last_name="Quagmire")
    page = found(portal(vendor, vendor.clinician), "quag")
    for path in (
        f"members/{member.person_id}/",
        f"members/{member.person_id}/notes/new/",
        f"raise/{member.person_id}/",
    ):
        assert path in page
    assert str(foreign.person_id) not in page


def test_a_member_out_of_reach_is_not_found(vendor: VendorWorld) -> None:
    vendor.member(last_name="Quagmire")
    assert "Quagmire" not in found(portal(vendor, vendor.admin), "quagmire")


def test_a_verb_before_the_name_offers_that_act_alone(vendor: VendorWorld) -> None:
    member = vendor.member(last_name="Quagmire")
    page = found(portal(vendor, vendor.clinician), "note quagmire")
    assert f"members/{member.person_id}/notes/new/" in page
    assert f'href="/portal/members/{member.person_id}/"' not in page
    assert "Raise a crisis flag" not in page


def test_a_page_of_a_member_is_found_by_its_name_before_theirs(vendor: VendorWorld) -> None:
    member = vendor.member(last_name="Quagmire")
    page = found(portal(vendor, vendor.clinician), "plan quagmire")
    assert f"members/{member.person_id}/safety-plan/" in page
    assert "New note for" not in page


def test_a_member_who_is_called_like_a_verb_is_found_by_it(vendor: VendorWorld) -> None:
    member = vendor.member(first_name="Note", last_name="Writer")
    assert str(member.person_id) in found(portal(vendor, vendor.clinician), "note")


def test_pages_are_those_that_the_role_opens(vendor: VendorWorld) -> None:
    assert "Caseload" in found(portal(vendor, vendor.clinician), "case")
    assert "Caseload" not in found(portal(vendor, vendor.admin), "case")
    assert "Second factor" in found(portal(vendor, vendor.admin), "security")


def test_without_words_it_shows_where_one_can_go(vendor: VendorWorld) -> None:
    vendor.member(last_name="Quagmire")
    page = found(portal(vendor, vendor.clinician), "")
    assert "Today" in page
    assert "Quagmire" not in page


def test_nothing_found_says_so_and_what_was_typed_is_never_markup(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    assert "Nothing is called that" in found(client, "<script>alert(1)</script>")
    page = client.get(FIND, {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert" not in page
    assert client.get(FIND, {"q": "\x00"}).status_code == 200
    assert client.get(FIND, {"q": "x" * 100_000}).status_code == 200


def test_without_a_script_it_is_a_page(vendor: VendorWorld) -> None:
    member = vendor.member(last_name="Quagmire")
    page = portal(vendor, vendor.clinician).get(FIND, {"q": "quagmire"}).content.decode()
    assert f'<li><a href="/portal/members/{member.person_id}/">' in page


def test_whoever_was_found_is_recorded(vendor: VendorWorld) -> None:
    member = vendor.member(last_name="Quagmire")
    found(portal(vendor, vendor.clinician), "quagmire")
    with acting_as(system_actor(vendor.tenant.id)):
        sql = "SELECT 1 FROM audit_record WHERE action = 'member.searched' AND %s = ANY (rows)"
        assert run([(sql, [member.id])])[0]


@pytest.mark.parametrize("text", ["", "quagmire", "note quagmire", "ada"])
def test_statements_stay_in_the_budget_however_many_are_found(vendor: VendorWorld, text: str) -> None:
    for _ in range(9):
        vendor.member(last_name="Quagmire")
    client = portal(vendor, vendor.clinician)
    taken = statements(lambda: client.get(FIND, {"q": text}, headers=HTMX).status_code, 200)
    assert len(taken) <= 12, taken
