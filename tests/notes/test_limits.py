"""A note as long as it may be goes through, in any script; a longer one is explained and nothing typed is lost."""

import pytest
from django.conf import settings

from apps.core.actor import system_actor
from apps.notes.models import LONGEST_SECTION, SECTIONS
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID, Tenant
from tests.notes.test_pages import SOAP, Desk, hidden
from tests.people import VendorWorld

# Caddy's `2MB`.
FRONT_DOOR_BYTES = 2_000_000
BYTES_OF_A_CHARACTER = 4


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


def test_four_full_sections_of_four_byte_characters_are_saved(desk: Desk) -> None:
    full = dict.fromkeys(SOAP, "𐎠" * LONGEST_SECTION)
    note = desk.write(full)
    assert desk.notes()[0].content == full
    form = hidden(desk.page(f"{note}revise/"))
    assert desk.client.post(f"{note}revise/keep/", {**form, **full}).status_code == 200


def test_the_limits_leave_room_for_the_longest_note_and_stand_below_the_front_doors() -> None:
    longest = max(len(sections) for sections in SECTIONS.values()) * LONGEST_SECTION * BYTES_OF_A_CHARACTER
    assert longest < settings.DATA_UPLOAD_MAX_MEMORY_SIZE - 100_000
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE < FRONT_DOOR_BYTES


def test_the_forms_are_sent_as_they_are_and_name_the_limit_to_the_browser(desk: Desk) -> None:
    page = desk.page(desk.new())
    assert 'enctype="multipart/form-data"' in page
    assert 'hx-encoding="multipart/form-data"' in page
    assert page.count(f'maxlength="{LONGEST_SECTION}"') == 4


def test_ten_megabytes_are_explained_and_change_nothing(desk: Desk) -> None:
    sent = {**hidden(desk.page(desk.new())), **SOAP}
    desk.client.post(f"{desk.new()}keep/", sent)
    for headers in ({}, {"HX-Request": "true"}):
        for path in (desk.new(), f"{desk.new()}keep/"):
            reply = desk.client.post(path, {**sent, "plan": "x" * 10_000_000}, headers=headers)
            assert reply.status_code == 413
            page = reply.content.decode()
            assert "Your text is still in the form" in page
            assert ("<html" in page) is not bool(headers)
    assert desk.notes() == []
    assert "slept badly" in desk.page(desk.new())


def test_the_session_is_offered_at_its_time_in_the_workplaces_zone_with_the_zone_named(desk: Desk) -> None:
    assert "02 Mar 2026, 10:00 UTC, Individual" in desk.page(f"{desk.root}new/")
    with acting_as(system_actor(PLATFORM_ID)):
        Tenant.objects.filter(id=desk.vendor.tenant.id).update(timezone="America/New_York")
    assert "02 Mar 2026, 05:00 EST, Individual" in desk.page(f"{desk.root}new/")


def test_note_types_are_called_what_clinicians_call_them(desk: Desk) -> None:
    page = desk.page(f"{desk.root}new/")
    for label in ("SOAP", "DAP", "BIRP", "GIRP", "Intake", "Free text"):
        assert f">{label}</option>" in page
    desk.write()
    for path in (desk.root, f"/portal/members/{desk.member}/"):
        assert ">SOAP</a>" in desk.page(path)
