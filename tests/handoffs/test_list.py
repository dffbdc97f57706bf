"""GET /handoffs/, and what each endpoint costs."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.handoffs.steps import act, body, offer
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


def statements(call: Callable[[], int], expected: int) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert call() == expected
    return [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]


@pytest.mark.parametrize("path", ["", "?direction=incoming&status=pending", "{id}/", "{id}/context/"])
def test_readings_stay_in_the_budget(vendor: VendorWorld, other_vendor: VendorWorld, path: str) -> None:
    made = [offer(vendor, other_vendor, vendor.member().person_id) for _ in range(3)][-1]
    api, path = other_vendor.api, "/handoffs/" + path.format(id=made["id"])
    api.get(path)
    found = statements(lambda: api.get(path).status_code, 200)
    assert len(found) <= 4, found


def test_a_list_of_one_member_stays_in_the_budget(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member_id = vendor.member().person_id
    offer(vendor, other_vendor, member_id)
    api = vendor.api
    found = statements(lambda: api.get("/handoffs/", {"member_id": member_id}).status_code, 200)
    assert len(found) <= 4, found


@pytest.mark.parametrize("verb", ["decline", "cancel"])
def test_a_refusal_and_a_withdrawal_stay_in_the_budget(
    vendor: VendorWorld, other_vendor: VendorWorld, verb: str
) -> None:
    api = (other_vendor if verb == "decline" else vendor).api
    made = offer(vendor, other_vendor, vendor.member().person_id)
    api.get(f"/handoffs/{made['id']}/")
    path = f"/handoffs/{made['id']}/{verb}/"
    found = statements(lambda: api.post(path, {"reason": "No."}).status_code, 200)
    assert len(found) <= 8, found


def test_an_acceptance_stays_in_the_budget(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    """Of either of two vendors, whichever has the lower id."""
    for sender, receiver in ((vendor, other_vendor), (other_vendor, vendor)):
        made = [offer(sender, receiver, sender.member().person_id) for _ in range(2)]
        paths = [f"/handoffs/{each['id']}/accept/" for each in made]
        assert receiver.api.post(paths[0]).status_code == 200
        found = statements(partial(status_of_post, receiver, paths[1]), 200)
        assert len(found) <= 8, found


def status_of_post(vendor: VendorWorld, path: str) -> int:
    return vendor.api.post(path).status_code


def post(sender: VendorWorld, sent: dict[str, Any]) -> int:
    return sender.api.post("/handoffs/", sent).status_code


def test_offers_of_either_vendor_to_the_other_stay_in_the_budget(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    for sender, receiver in ((vendor, other_vendor), (other_vendor, vendor)):
        sent = [body(receiver, sender.member().person_id, ()) for _ in range(2)]
        assert post(sender, sent[0]) == 201
        found = statements(partial(post, sender, sent[1]), 201)
        assert len(found) <= 8, found
