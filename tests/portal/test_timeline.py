"""The timeline tells what happened to one member, newest first, to whom the member's care concerns."""

import secrets
import uuid

import pytest
from django.core.cache import cache

from apps.accounts import actions as accounts
from apps.accounts.models import Membership
from apps.audit.models import Record
from apps.core.actor import system_actor
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.people import VendorWorld
from tests.portal.people import portal
from tests.portal.test_chart import break_glass, filled, flag, session


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def member(vendor: VendorWorld) -> Assignment:
    return vendor.member(last_name="Thistlewood")


def timeline(member_id: uuid.UUID) -> str:
    return f"/portal/members/{member_id}/timeline/"


def test_all_that_happened_is_told_newest_first_and_the_reading_recorded(
    vendor: VendorWorld, member: Assignment
) -> None:
    filled(vendor, member.person_id)
    page = portal(vendor, vendor.clinician).get(timeline(member.person_id)).content.decode()
    for told in ("Care began here", "Session", "Note written", "Measure taken", "Crisis flag raised", "Risk changed"):
        assert told in page
    assert page.index("Crisis flag raised") < page.index("Measure taken") < page.index("Care began here")
    assert "self harm" in page
    with acting_as(system_actor(vendor.tenant.id)):
        assert Record.objects.filter(action="timeline.read", member_id=member.person_id).exists()


def test_one_kind_alone_can_be_asked_for(vendor: VendorWorld, member: Assignment) -> None:
    filled(vendor, member.person_id)
    client = portal(vendor, vendor.clinician)
    page = client.get(timeline(member.person_id), {"kind": "crisis"}).content.decode()
    assert "Crisis flag raised" in page
    assert "Measure taken" not in page
    assert "Nothing of that kind" in client.get(timeline(member.person_id), {"kind": "handoffs"}).content.decode()


def test_it_goes_on_page_by_page(vendor: VendorWorld, member: Assignment) -> None:
    for _ in range(27):
        session(vendor, member.person_id)
    client = portal(vendor, vendor.clinician)
    first = client.get(timeline(member.person_id)).content.decode()
    assert "Care began here" not in first
    older = first.split("before=")[1].split('"')[0]
    headers = {"HX-Request": "true", "HX-Target": "lines"}
    rest = client.get(timeline(member.person_id), {"before": older}, headers=headers).content.decode()
    assert "Care began here" in rest
    assert "<html" not in rest


def test_nonsense_in_the_address_is_left_out(vendor: VendorWorld, member: Assignment) -> None:
    client = portal(vendor, vendor.clinician)
    for nonsense in ({"before": "x"}, {"before": str(uuid.uuid4())}, {"kind": "'"}, {"kind": "a\x00"}):
        assert client.get(timeline(member.person_id), nonsense).status_code == 200


def test_a_broken_glass_tells_nothing_of_psychotherapy_notes(vendor: VendorWorld, member: Assignment) -> None:
    filled(vendor, member.person_id)
    with acting_as(system_actor(vendor.tenant.id)):
        email = f"colleague-{secrets.token_hex(4)}@example.org"
        colleague = accounts.add_staff(email=email, name="Kim Rao", role=Membership.Role.CLINICIAN)
    client = portal(vendor, colleague)
    assert client.get(timeline(member.person_id)).status_code == 404
    break_glass(client, member.person_id)
    page = client.get(timeline(member.person_id)).content.decode()
    assert "SOAP" in page
    assert ">Psychotherapy<" not in page


def test_an_administrator_and_another_vendor_see_none_of_it(
    vendor: VendorWorld, other_vendor: VendorWorld, member: Assignment
) -> None:
    assert portal(vendor, vendor.admin).get(timeline(member.person_id)).status_code == 403
    cache.clear()
    client = portal(other_vendor, other_vendor.clinician)
    assert client.get(timeline(member.person_id)).status_code == 404
    assert client.get(timeline(uuid.uuid4())).status_code == 404


def test_a_full_timeline_costs_at_most_twelve_statements(vendor: VendorWorld, member: Assignment) -> None:
    filled(vendor, member.person_id)
    flag(vendor, member.person_id)
    client = portal(vendor, vendor.clinician)
    sent = statements(lambda: client.get(timeline(member.person_id)).status_code, 200)
    assert len(sent) <= 12, sent
