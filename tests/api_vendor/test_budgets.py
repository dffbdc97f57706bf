"""What each endpoint may cost: a reading 4 statements, a write 8. A new route fails until its costliest call is here."""

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import AsyncRequestFactory

from apps.api_vendor.stream import EventStream
from tests.api_vendor.test_access import routes
from tests.care_context.test_update import WHOLE
from tests.counting import statements
from tests.handoffs import steps
from tests.onboarding.test_request import body as onboarding
from tests.onboarding.test_request import someone
from tests.people import BASE, Api, VendorWorld

READING, WRITE = 4, 8

# One request of the costliest kind, prepared: it is made when it is called, and answers its status.
Call = Callable[[], int]
Prepare = Callable[[VendorWorld, VendorWorld], Call]


def status(api: Api, method: str, path: str, sent: Any = None) -> int:
    if method == "GET":
        return api.get(path, sent).status_code
    return (api.post if method == "POST" else api.put)(path, sent).status_code


def listing(path: str, **query: object) -> Prepare:
    """A page of the records of one member, who has several, and of which one was turned over already."""

    def prepare(vendor: VendorWorld, other_vendor: VendorWorld) -> Call:
        member_id = steps.with_a_record(vendor)
        steps.with_a_record(vendor, member_id)
        steps.offer(vendor, other_vendor, member_id)
        found = {name: member_id if value is None else value for name, value in query.items()}
        return partial(status, vendor.api, "GET", path.format(member_id=member_id), found)

    return prepare


def one_session(vendor: VendorWorld, _: VendorWorld) -> Call:
    held = steps.session(vendor, vendor.member().person_id)
    for note_type in ("soap", "psychotherapy"):
        steps.note(vendor, held["id"], note_type)
    return partial(status, vendor.api, "GET", f"/sessions/{held['id']}/")


def replace_care_context(vendor: VendorWorld, _: VendorWorld) -> Call:
    path = f"/members/{vendor.member().person_id}/care-context/"
    vendor.api.put(path, {"version": 0, **WHOLE})
    return partial(status, vendor.api, "PUT", path, {"version": 1, **WHOLE})


def log_session(vendor: VendorWorld, _: VendorWorld) -> Call:
    sent = {
        "member_id": str(vendor.member().person_id),
        "external_id": secrets.token_hex(8),
        "session_type": "individual",
        "modality": "video",
        "started_at": steps.soon(days=-1),
        "clinician_id": str(vendor.clinician.id),
        "summary": "Spoke about sleep.",
        "homework": "A diary of sleep.",
    }
    return partial(status, vendor.api, "POST", "/sessions/", sent)


def sign_addendum(vendor: VendorWorld, _: VendorWorld) -> Call:
    held = steps.session(vendor, vendor.member().person_id)
    signed = steps.note(vendor, held["id"], "free_text")
    content = {"body": "It was Tuesday."}
    sent = {"session_id": held["id"], "note_type": "free_text", "content": content, "status": "signed"}
    return partial(status, vendor.api, "POST", "/notes/", {**sent, "addendum_to": signed["id"]})


def assess_with_a_positive_item(vendor: VendorWorld, _: VendorWorld) -> Call:
    member_id = vendor.member().person_id
    steps.assess(vendor, member_id, [0] * 9)
    held = steps.session(vendor, member_id)
    sent = {"member_id": str(member_id), "session_id": held["id"], "instrument": "phq9", "answers": [3] * 9}
    return partial(status, vendor.api, "POST", "/assessments/", sent)


def raise_flag(vendor: VendorWorld, _: VendorWorld) -> Call:
    sent = {"member_id": str(vendor.member().person_id), "category": "self_harm", "severity": "critical"}
    return partial(status, vendor.api, "POST", "/crisis-flags/", {**sent, "description": "Said so."})


def offer_over_an_overdue_one(vendor: VendorWorld, other_vendor: VendorWorld) -> Call:
    member_id = steps.with_a_record(vendor)
    steps.overdue_offer(vendor, other_vendor, member_id)
    return partial(status, vendor.api, "POST", "/handoffs/", steps.body(other_vendor, member_id))


def handoff(method: str, what: str, *, by_receiver: bool = True, reason: str = "") -> Prepare:
    """Of a member with a whole record, whom the receiver had handed over to the sender before."""

    def prepare(vendor: VendorWorld, other_vendor: VendorWorld) -> Call:
        member_id = steps.with_a_record(vendor)
        back = steps.offer(vendor, other_vendor, member_id)
        steps.act(other_vendor, back, "accept")
        made = steps.offer(other_vendor, vendor, member_id)
        api = (vendor if by_receiver else other_vendor).api
        return partial(status, api, method, f"/handoffs/{made['id']}/{what}", {"reason": reason} if reason else None)

    return prepare


def accept_a_stranger(vendor: VendorWorld, other_vendor: VendorWorld) -> Call:
    made = steps.offer(other_vendor, vendor, steps.with_a_record(other_vendor))
    return partial(status, vendor.api, "POST", f"/handoffs/{made['id']}/accept/")


def complete_with_flags(vendor: VendorWorld, other_vendor: VendorWorld) -> Call:
    """Which closes what the sender had accepted as well."""
    member_id = steps.with_a_record(vendor)
    steps.act(other_vendor, steps.offer(vendor, other_vendor, member_id), "accept")
    made = steps.offer(other_vendor, vendor, member_id)
    steps.act(vendor, made, "accept")
    for _ in range(3):
        steps.flag(other_vendor, member_id)
    return partial(status, vendor.api, "POST", f"/handoffs/{made['id']}/complete/")


def open_stream(vendor: VendorWorld, _: VendorWorld) -> Call:
    """Up to its first byte; what it sends then is read by one hub for all streams of the process."""

    def call() -> int:
        headers = {"X-API-Key": vendor.api.key or ""}
        response = EventStream.as_view()(AsyncRequestFactory().get(f"{BASE}/events/stream/", headers=headers))
        response.close()
        return response.status_code

    return call


def ask_for_access(_: VendorWorld, __: VendorWorld) -> Call:
    return partial(status, someone(), "POST", "/onboarding/", onboarding())


COSTLIEST: dict[tuple[str, str], Prepare] = {
    ("GET", "members/"): listing("/members/", search="ada", status="active", risk_level="high", offset=0),
    ("GET", "members/{member_id}/"): listing("/members/{member_id}/"),
    ("GET", "intelligence/"): listing("/intelligence/", risk_level="high"),
    ("GET", "members/{member_id}/intelligence/"): listing("/members/{member_id}/intelligence/"),
    ("GET", "members/{member_id}/care-context/"): listing("/members/{member_id}/care-context/"),
    ("PUT", "members/{member_id}/care-context/"): replace_care_context,
    ("GET", "sessions/"): listing("/sessions/", member_id=None, status="completed"),
    ("POST", "sessions/"): log_session,
    ("GET", "sessions/{session_id}/"): one_session,
    ("GET", "notes/"): listing("/notes/", member_id=None, status="signed"),
    ("POST", "notes/"): sign_addendum,
    ("GET", "assessments/"): listing("/assessments/", member_id=None, instrument="phq9"),
    ("POST", "assessments/"): assess_with_a_positive_item,
    ("GET", "crisis-flags/"): listing("/crisis-flags/", member_id=None, status="open"),
    ("POST", "crisis-flags/"): raise_flag,
    ("GET", "handoffs/"): listing("/handoffs/", member_id=None, direction="outgoing", status="pending"),
    ("POST", "handoffs/"): offer_over_an_overdue_one,
    ("GET", "handoffs/{handoff_id}/"): handoff("GET", ""),
    ("GET", "handoffs/{handoff_id}/context/"): handoff("GET", "context/"),
    ("POST", "handoffs/{handoff_id}/accept/"): accept_a_stranger,
    ("POST", "handoffs/{handoff_id}/decline/"): handoff("POST", "decline/", reason="No place."),
    ("POST", "handoffs/{handoff_id}/complete/"): complete_with_flags,
    ("POST", "handoffs/{handoff_id}/cancel/"): handoff("POST", "cancel/", by_receiver=False, reason="Stays."),
    ("GET", "events/"): listing("/events/", member_id=None, limit=100),
    ("GET", "events/stream/"): open_stream,
    ("GET", "members/{member_id}/timeline/"): listing("/members/{member_id}/timeline/"),
    ("POST", "onboarding/"): ask_for_access,
}


def test_every_route_has_its_costliest_call_here() -> None:
    public = {("POST", "onboarding/")}
    assert set(COSTLIEST) == {(method, path) for method, path, _ in routes()} | public


@pytest.mark.parametrize(("method", "path"), sorted(COSTLIEST))
def test_it_stays_in_the_budget(vendor: VendorWorld, other_vendor: VendorWorld, method: str, path: str) -> None:
    warm, measured = (COSTLIEST[method, path](vendor, other_vendor) for _ in range(2))
    expected = warm()
    assert expected in {200, 201}
    found = statements(measured, expected)
    assert len(found) <= (READING if method == "GET" else WRITE), found
