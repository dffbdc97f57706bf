"""Crisis contacts: an administrator enters them, and they stand on every plan that is printed."""

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from apps.audit.models import Record
from apps.care_context import actions
from apps.core.actor import system_actor
from apps.core.errors import Forbidden
from apps.tenants.context import acting_as
from tests.care_context.charts import Chart
from tests.counting import statements
from tests.people import VendorWorld
from tests.portal.people import portal

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reply

PAGE = "/portal/crisis-contacts/"
HOSTILE = "</textarea><script>alert(1)</script>"


@pytest.fixture
def admin(vendor: VendorWorld) -> Client:
    return portal(vendor, vendor.admin)


def send(admin: Client, version: int, contacts: list[str], **more: Any) -> "Reply":
    return admin.post(PAGE, {"version": version, "contacts": contacts, **more})


def test_what_is_entered_stands_on_the_paper_of_this_tenant_alone(
    vendor: VendorWorld, other_vendor: VendorWorld, admin: Client
) -> None:
    assert "None are entered yet." in admin.get(PAGE).content.decode()
    assert send(admin, 0, ["Night line 555 0142", "", " 988 "]).headers["Location"] == PAGE
    for world, expected in ((vendor, True), (other_vendor, False)):
        chart = Chart(world)
        chart.put()
        for path in (chart.plan, f"{chart.plan}print/"):
            assert ("Night line 555 0142" in chart.page(path)) is expected
        assert ("Ask your administrator to enter them." in chart.page(f"{chart.plan}print/")) is not expected
    assert "988</textarea>" in admin.get(PAGE).content.decode()


def test_sending_twice_changes_once_and_is_recorded(vendor: VendorWorld, admin: Client) -> None:
    for _ in range(2):
        assert send(admin, 0, ["Night line"]).status_code == 302
    with acting_as(system_actor(vendor.tenant.id)):
        assert actions.current_contacts().version == 1
        assert Record.objects.get(action="crisis_contacts.changed").actor_id == vendor.admin.id


def test_what_someone_else_saved_meanwhile_stands_beside_what_was_typed(admin: Client) -> None:
    send(admin, 0, ["Night line", "theirs"])
    late = send(admin, 0, ["Night line", "mine"])
    assert late.status_code == 409
    page = late.content.decode()
    assert "theirs</ins>" in page
    assert "mine</textarea>" in page
    assert send(admin, 1, ["Night line", "theirs", "mine"]).status_code == 302


@pytest.mark.parametrize("contacts", [["x" * 201], ["x"] * 9, ["a\x00"]])
def test_a_fault_is_named_and_nothing_is_saved(vendor: VendorWorld, admin: Client, contacts: list[str]) -> None:
    reply = send(admin, 0, contacts)
    assert reply.status_code == 422
    assert "your text is still here" in reply.content.decode()
    with acting_as(system_actor(vendor.tenant.id)):
        assert actions.current_contacts().version == 0


def test_a_line_is_added_without_script_and_html_is_text(admin: Client) -> None:
    page = send(admin, 0, [HOSTILE], do="add:contacts").content.decode()
    assert page.count('name="contacts"') == 2
    assert "<script>alert" not in page


def test_only_administrators_change_them(vendor: VendorWorld) -> None:
    clinician = portal(vendor, vendor.clinician)
    assert clinician.get(PAGE).status_code == send(clinician, 0, ["x"]).status_code == 403
    with pytest.raises(Forbidden), acting_as(vendor.actor):
        actions.change_contacts(version=0, lines=["x"])


def test_the_page_stays_in_the_budget(admin: Client) -> None:
    assert len(statements(lambda: admin.get(PAGE).status_code, 200)) <= 12
    assert len(statements(lambda: send(admin, 0, ["x"]).status_code, 302)) <= 14
