"""Leave in the browser: planned in whole days, covered, ended."""

from datetime import timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from apps.accounts.models import Leave, User
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID, Tenant
from tests.counting import statements
from tests.members.staff import administering, hire, pressing_member
from tests.people import VendorWorld
from tests.portal.people import portal

LEAVE = "/portal/staff/leave/"


@pytest.fixture
def admin(vendor: VendorWorld) -> Client:
    return portal(vendor, vendor.admin)


def day(ahead: int) -> str:
    return (now() + timedelta(days=ahead)).date().isoformat()


def planned(vendor: VendorWorld) -> Leave:
    with administering(vendor):
        return Leave.objects.get(tenant_id=vendor.tenant.id)


def plan(admin: Client, clinician: User, cover: User | None = None, first: str = "", last: str = "") -> int:
    told = {"clinician": str(clinician.id), "covered_by": str(cover.id) if cover else ""}
    return admin.post(f"{LEAVE}plan/", {**told, "starts_on": first or day(0), "ends_on": last}).status_code


def test_a_leave_is_of_whole_days_in_the_zone_of_the_place(vendor: VendorWorld, admin: Client) -> None:
    with acting_as(system_actor(PLATFORM_ID)):
        Tenant.objects.filter(id=vendor.tenant.id).update(timezone="Asia/Kolkata")
    assert plan(admin, vendor.clinician, first=day(3), last=day(4)) == 302
    found = planned(vendor)
    assert found.ends_at is not None
    assert found.ends_at - found.starts_at == timedelta(days=2)
    begins = found.starts_at.astimezone(ZoneInfo("Asia/Kolkata"))
    assert (begins.date().isoformat(), begins.hour, begins.minute) == (day(3), 0, 0)


def test_it_is_shown_covered_and_ended(vendor: VendorWorld, admin: Client) -> None:
    first, second = hire(vendor, name="Dr Emre Aksoy"), hire(vendor, name="Dr Uma Rao")
    pressing_member(vendor)
    refused = admin.post(f"{LEAVE}plan/", {"clinician": str(vendor.clinician.id), "starts_on": day(0)})
    assert refused.status_code == 422
    assert "open crisis flags" in refused.content.decode()
    assert plan(admin, vendor.clinician, first) == 302
    assert plan(admin, vendor.clinician, first) == 422
    assert "Dr Emre Aksoy" in admin.get(LEAVE).content.decode()
    cover = f"{LEAVE}{planned(vendor).id}/cover/"
    assert admin.post(cover, {"covered_by": ""}).status_code == 422
    assert admin.post(cover, {"covered_by": str(second.id)}).status_code == 302
    assert "Dr Uma Rao" in admin.get(LEAVE).content.decode()
    end = f"{LEAVE}{planned(vendor).id}/end/"
    assert admin.post(end).status_code == 302
    assert "Dr Uma Rao" in admin.get(LEAVE).content.decode()
    assert admin.post(end, {"confirmed": "on"}).status_code == 302
    assert admin.post(end, {"confirmed": "on"}).status_code == 404
    assert "Nobody is away" in admin.get(LEAVE).content.decode()


@pytest.mark.parametrize(
    "days", [("", ""), ("yesterday", ""), ("9999-12-31", ""), ("0001-01-01", ""), ("2026-13-01", "")]
)
def test_days_that_make_no_sense_are_refused(vendor: VendorWorld, admin: Client, days: tuple[str, str]) -> None:
    told = {"clinician": str(vendor.clinician.id), "starts_on": days[0], "ends_on": days[1]}
    assert admin.post(f"{LEAVE}plan/", told).status_code == 422


def test_another_tenants_leave_is_none_here(vendor: VendorWorld, other_vendor: VendorWorld, admin: Client) -> None:
    theirs = portal(other_vendor, other_vendor.admin)
    assert plan(theirs, other_vendor.clinician) == 302
    foreign = planned(other_vendor).id
    assert admin.get(f"{LEAVE}{foreign}/cover/").status_code == 404
    assert admin.post(f"{LEAVE}{foreign}/end/").status_code == 404
    assert plan(admin, other_vendor.clinician) == 422
    assert portal(vendor, vendor.clinician).post(f"{LEAVE}{foreign}/end/").status_code == 403


def test_the_pages_keep_to_their_statements(vendor: VendorWorld, admin: Client) -> None:
    plan(admin, vendor.clinician, hire(vendor))
    for path in (LEAVE, f"{LEAVE}plan/", f"{LEAVE}{planned(vendor).id}/cover/"):
        assert len(statements(partial(status, admin, path), 200)) <= 12


def status(client: Client, path: str) -> int:
    return client.get(path).status_code
