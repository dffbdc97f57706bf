"""GET /members/ and GET /members/{member_id}/."""

import uuid

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
