"""The flags of one member: all of them with what came of them, and nobody else's."""

import pytest
from django.core.cache import cache

from apps.audit.models import Record
from apps.core.actor import system_actor
from apps.crisis import actions
from apps.crisis.models import CrisisFlag
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.crisis.test_desk import raised
from tests.people import VendorWorld
from tests.portal.people import portal


@pytest.fixture
def flag(vendor: VendorWorld) -> CrisisFlag:
    cache.clear()
    return raised(vendor, severity="critical", last_name="Thistlewood")


def path(flag: CrisisFlag) -> str:
    return f"/portal/crisis/of/{flag.member_id}/"


def resolve(vendor: VendorWorld, flag: CrisisFlag) -> None:
    with acting_as(vendor.actor):
        actions.acknowledge(flag_id=flag.id)
        actions.act(flag_id=flag.id, what="Called her <b>sister</b>.")
        actions.resolve(flag_id=flag.id, disposition="safety_plan", resolution="Plan made.")


def test_open_and_resolved_flags_are_told_with_what_was_done(vendor: VendorWorld, flag: CrisisFlag) -> None:
    resolve(vendor, flag)
    with acting_as(vendor.actor):
        actions.raise_flag(member_id=flag.member_id, category="harm_to_others", severity="low", description="A threat.")
    page = portal(vendor, vendor.clinician).get(path(flag)).content.decode()
    for told in (
        "Fresh cuts.",
        "Plan made.",
        "Safety plan",
        "Taken on by Dr Sam Okafor",
        "&lt;b&gt;sister",
        "A threat.",
    ):
        assert told in page
    assert page.index("A threat.") < page.index("Fresh cuts.")
    assert "Work it at the desk" in page


def test_the_reading_is_recorded_and_another_members_flag_is_not_there(vendor: VendorWorld, flag: CrisisFlag) -> None:
    raised(vendor, last_name="Larkspur")
    assert "Larkspur" not in portal(vendor, vendor.clinician).get(path(flag)).content.decode()
    with acting_as(system_actor(vendor.tenant.id)):
        record = Record.objects.get(action="crisis.listed", member_id=flag.member_id)
    assert record.rows == [flag.id]


def test_whoever_may_not_see_the_member_sees_no_flag(
    vendor: VendorWorld, other_vendor: VendorWorld, flag: CrisisFlag
) -> None:
    assert portal(vendor, vendor.admin).get(path(flag)).status_code == 403
    cache.clear()
    assert portal(other_vendor, other_vendor.clinician).get(path(flag)).status_code == 404


def test_it_costs_at_most_twelve_statements_however_many(vendor: VendorWorld, flag: CrisisFlag) -> None:
    resolve(vendor, flag)
    client = portal(vendor, vendor.clinician)
    sent = statements(lambda: client.get(path(flag)).status_code, 200)
    assert len(sent) <= 12, sent
