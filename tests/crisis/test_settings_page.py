"""The administrator's page of the crisis response, through the front door."""

import re
from typing import Any

import pytest
from django.test import Client

from apps.crisis import actions, settings
from apps.crisis.models import CrisisSettings
from apps.crisis.rules import DEFAULT_WORDING
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.people import VendorWorld
from tests.portal.people import portal

PATH = "/portal/crisis/settings/"
SENT: dict[str, Any] = {
    "version": 0,
    "wording": "Stay with them.\r\nCall the duty line.",
    "respond_critical": 10,
    "respond_high": 45,
    "respond_moderate": 12,
    "respond_low": 48,
    "resolve_critical": 2,
    "resolve_high": 20,
    "resolve_moderate": 48,
    "resolve_low": 96,
    "ladder": ["supervisor", "operator"],
}


@pytest.fixture
def client(vendor: VendorWorld) -> Client:
    return portal(vendor, vendor.admin)


def kept(vendor: VendorWorld) -> CrisisSettings:
    with acting_as(vendor.actor):
        return settings.settings_of(vendor.tenant.id)


def test_the_page_begins_with_the_default(vendor: VendorWorld, client: Client) -> None:
    page = client.get(PATH).content.decode()
    assert "what stands here is the default" in page
    assert DEFAULT_WORDING.splitlines()[2] in page
    assert re.search(r'name="respond_critical" value="15"', page)
    assert re.search(r'name="resolve_low" value="168"', page)
    assert len(statements(lambda: client.get(PATH).status_code, 200)) <= 12


def test_what_is_saved_is_what_a_flag_goes_by_and_what_is_read_first(vendor: VendorWorld, client: Client) -> None:
    page = client.post(PATH, SENT, follow=True).content.decode()
    assert "Saved." in page
    assert "by Robin Vale" in page
    found = kept(vendor)
    assert (found.version, found.wording) == (1, "Stay with them.\nCall the duty line.")
    member_id = vendor.member().person_id
    with acting_as(vendor.actor):
        flag = actions.raise_flag(member_id=member_id, category="self_harm", severity="critical", description="…")
    assert flag.policy["ladder"] == ["clinician", "supervisor", "operator"]
    assert (flag.policy["respond_within_s"], flag.policy["resolve_within_s"]) == (600, 7200)
    desk = portal(vendor, vendor.clinician)
    path = f"/portal/members/{member_id}/measures/new/phq9/"
    answers = {f"item_{number}": 1 for number in range(1, 10)}
    read = desk.post(path, {"administered_by": "self", **answers}, follow=True).content.decode()
    assert "Call the duty line." in read
    assert "an answer within 10 minutes" in desk.get(f"/portal/crisis/raise/{flag.member_id}/").content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"wording": ""}, "This text is never blank"),
        ({"wording": " \n\t "}, "Must not be blank"),
        ({"respond_critical": 31}, "Must be from 5 minutes to 30 minutes."),
        ({"respond_critical": "soon"}, "Give a whole number of minutes."),
        ({"resolve_high": ""}, "Give a number of hours."),
        ({"resolve_low": 999_999_999}, "far more than the 336 hours"),
        ({"respond_high": 5}, "Must not be shorter than for critical."),
        ({"ladder": []}, "Must call at least two more after the clinician"),
        ({"ladder": ["neighbour"]}, "Choose from the list."),
    ],
)
def test_what_is_not_safe_is_refused_at_its_place(
    vendor: VendorWorld, client: Client, changes: dict[str, Any], said: str
) -> None:
    reply = client.post(PATH, {**SENT, **changes})
    assert reply.status_code == 422
    assert said in reply.content.decode()
    assert kept(vendor).is_default


def test_what_was_typed_stays_when_another_administrator_was_faster(vendor: VendorWorld, client: Client) -> None:
    client.post(PATH, SENT)
    reply = client.post(PATH, {**SENT, "wording": "Call Kim first."})
    page = reply.content.decode()
    assert reply.status_code == 409
    for words in ("Robin Vale changed these settings", "Call the duty line.", "Call Kim first.", 'value="1"'):
        assert words in page
    assert kept(vendor).version == 1
    client.post(PATH, {**SENT, "wording": "Call Kim first.", "version": 1})
    assert kept(vendor).wording == "Call Kim first."


def test_html_in_the_wording_is_text(vendor: VendorWorld, client: Client) -> None:
    page = client.post(PATH, {**SENT, "wording": "</textarea><script>alert(1)"}, follow=True).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_it_is_the_administrators_page_and_of_their_own_tenant(
    vendor: VendorWorld, other_vendor: VendorWorld, client: Client
) -> None:
    clinician = portal(vendor, vendor.clinician)
    assert clinician.get(PATH).status_code == clinician.post(PATH, SENT).status_code == 403
    assert kept(vendor).is_default
    client.post(PATH, SENT)
    assert kept(other_vendor).is_default
    assert PATH in client.get(PATH).content.decode()
    assert PATH not in clinician.get("/portal/crisis/").content.decode()
