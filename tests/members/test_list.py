"""GET /members/ and GET /members/{member_id}/."""

import uuid
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.audit.models import Record
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from apps.vault import keyring
from tests.people import VendorWorld


def test_a_vendor_lists_its_members_newest_first(vendor: VendorWorld) -> None:
    first, second = vendor.member(first_name="Ines"), vendor.member(first_name="Tomas")
    answer = vendor.api.get("/members/").json()
    assert answer["count"] == 2
    assert [each["id"] for each in answer["results"]] == [str(second.person_id), str(first.person_id)]
    assert answer["results"][0]["first_name"] == "Tomas"
    assert answer["next"] is None


def test_another_vendors_member_and_no_member_are_the_same_404(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    theirs = other_vendor.member()
    foreign = vendor.api.get(f"/members/{theirs.person_id}/")
    missing = vendor.api.get(f"/members/{uuid.uuid4()}/")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() == missing.json() == {"detail": "Member not found or not assigned to this vendor"}


def test_search_finds_by_name_email_and_external_id(vendor: VendorWorld) -> None:
    vendor.member(first_name="Ines", email="ines@example.org", external_id="EXT-7")
    vendor.member(first_name="Tomas")
    for words in ("Ines", "ines@example.org", "EXT-7"):
        found = vendor.api.get("/members/", {"search": words}).json()
        assert [each["first_name"] for each in found["results"]] == ["Ines"], words


def test_search_looks_at_nothing_else_of_a_member(vendor: VendorWorld) -> None:
    vendor.member(first_name="Ines", external_id="EXT-7")
    shown = vendor.api.get("/members/").json()["results"][0]
    for words in (shown["phone"], shown["phone"].lstrip("+"), shown["date_of_birth"], shown["timezone"]):
        assert vendor.api.get("/members/", {"search": words}).json()["results"] == [], words


def _counts(vendor: VendorWorld) -> list[int]:
    asked: list[dict[str, Any]] = [{}, {"status": "paused"}, {"risk_level": "high"}]
    return [vendor.api.get("/members/", query).json()["count"] for query in asked]


def test_counts_follow_every_change_of_state(vendor: VendorWorld) -> None:
    first, second = vendor.member(), vendor.member()
    assert _counts(vendor) == [2, 0, 0]
    for changes, counts in (
        ({"status": "paused", "risk_level": "high"}, [2, 1, 1]),
        ({"last_session_at": timezone.now()}, [2, 1, 1]),
        ({"risk_level": "low"}, [2, 1, 0]),
        ({"ended_at": timezone.now()}, [1, 0, 0]),
    ):
        with acting_as(vendor.actor):
            Assignment.objects.filter(id=first.id).update(**changes)
        assert _counts(vendor) == counts, changes
    assert vendor.api.get("/members/").json()["results"][0]["id"] == str(second.person_id)


def test_each_reading_is_recorded_with_the_rows_it_showed(vendor: VendorWorld) -> None:
    first, second = vendor.member(), vendor.member()
    vendor.api.get("/members/")
    vendor.api.get(f"/members/{first.person_id}/")
    vendor.api.get(f"/members/{uuid.uuid4()}/")
    with acting_as(vendor.actor):
        read = Record.objects.filter(action__in=["member.listed", "member.read"]).order_by("id")
        found = list(read.values_list("action", "rows", "member_id"))
    assert found == [("member.listed", [second.id, first.id], None), ("member.read", [first.id], first.person_id)]


def test_a_process_that_holds_no_keys_yet_opens_what_it_read(vendor: VendorWorld) -> None:
    member = vendor.member(first_name="Ines")
    keyring.forget()
    assert vendor.api.get(f"/members/{member.person_id}/").json()["first_name"] == "Ines"
    assert not connection.in_atomic_block
