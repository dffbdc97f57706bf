"""GET /handoffs/."""

from tests.handoffs.steps import act, offer
from tests.people import VendorWorld


def ids(vendor: VendorWorld, **query: object) -> list[str]:
    return [each["id"] for each in vendor.api.get("/handoffs/", query).json()["results"]]


def test_filters_narrow_the_list(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    ours, theirs = vendor.member().person_id, other_vendor.member().person_id
    sent = offer(vendor, other_vendor, ours)["id"]
    received = offer(other_vendor, vendor, theirs)
    act(vendor, received, "accept")
    assert ids(vendor) == [received["id"], sent]
    assert ids(vendor, direction="outgoing") == [sent]
    assert ids(vendor, direction="incoming") == [received["id"]]
    assert ids(vendor, status="accepted") == [received["id"]]
    assert ids(vendor, member_id=ours) == [sent]
    assert ids(vendor, status="declined") == []
    assert vendor.api.get("/handoffs/", {"direction": "sideways"}).status_code == 422


def test_a_member_who_is_not_assigned_is_the_one_404(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    answer = vendor.api.get("/handoffs/", {"member_id": other_vendor.member().person_id})
    assert answer.status_code == 404
