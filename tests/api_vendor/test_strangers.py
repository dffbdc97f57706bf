"""What a vendor wrote, asked for by everyone else: every route of the table, by another vendor and by the sandbox."""

import uuid
from dataclasses import dataclass

import pytest

from apps.keys.models import SCOPES
from tests.api_vendor.test_access import ROUTES
from tests.people import Api, VendorWorld, make_vendor

# The stream has no answer of its own under WSGI; what reaches it is the feed's, and tested with the stream.
ASKED = sorted(route[:2] for route in ROUTES if route[1] != "events/stream/")


@dataclass
class Written:
    """The ids behind the names of the table's paths, and what else a body may name."""

    member_id: str
    session_id: str
    handoff_id: str
    note_id: str
    to_vendor_id: str

    def path(self, path: str) -> str:
        return "/" + path.format(member_id=self.member_id, session_id=self.session_id, handoff_id=self.handoff_id)

    def body(self, path: str) -> dict[str, object] | None:
        of_member = {"member_id": self.member_id}
        at = "2026-03-02T09:00:00Z"
        bodies: dict[str, dict[str, object]] = {
            "sessions/": {**of_member, "session_type": "intake", "modality": "phone", "started_at": at},
            "notes/": {"session_id": self.session_id, "note_type": "progress", "content": {"body": "Seen."}},
            "assessments/": {**of_member, "instrument": "phq2", "answers": [1, 1]},
            "crisis-flags/": {**of_member, "category": "self_harm", "severity": "low", "description": "Told."},
            "handoffs/": {
                **of_member,
                "to_vendor_id": self.to_vendor_id,
                "handoff_type": "referral",
                "urgency": "routine",
                "reason": "Asked for.",
                "clinical_summary": "Well.",
                "consent": {"obtained": True, "obtained_at": at, "scope": ["summary", "notes"]},
            },
            "members/{member_id}/care-context/": {"version": 0},
            "handoffs/{handoff_id}/decline/": {"reason": "Full."},
            "handoffs/{handoff_id}/cancel/": {"reason": "Changed."},
        }
        return bodies.get(path)


@pytest.fixture
def written(vendor: VendorWorld, other_vendor: VendorWorld) -> Written:
    """One of each, by `vendor`; the handoff goes to `other_vendor`, so that a third one is the stranger to it."""
    unknown = str(uuid.uuid4())
    made = Written(str(vendor.member().person_id), unknown, unknown, unknown, str(other_vendor.tenant.id))
    made.session_id = vendor.api.post("/sessions/", made.body("sessions/")).json()["id"]
    made.note_id = vendor.api.post("/notes/", {**(made.body("notes/") or {}), "status": "signed"}).json()["id"]
    for path in ("assessments/", "crisis-flags/"):
        assert vendor.api.post(f"/{path}", made.body(path)).status_code == 201
    made.handoff_id = vendor.api.post("/handoffs/", made.body("handoffs/")).json()["id"]
    return made


@pytest.mark.parametrize("sandbox", [False, True], ids=["another vendor", "the sandbox"])
@pytest.mark.parametrize(("method", "path"), ASKED)
def test_nobody_else_reads_or_changes_it(
    vendor: VendorWorld, written: Written, method: str, path: str, sandbox: bool
) -> None:
    stranger = vendor.api_with(SCOPES, sandbox=True) if sandbox else make_vendor().api
    answer = stranger._send(method, written.path(path), written.body(path) if method != "GET" else None, {})
    if method == "GET" and "{" not in path:
        assert answer.json()["results"] == []
    else:
        assert answer.status_code == (422 if path == "notes/" else 404)
    assert written.handoff_id not in answer.content.decode()


@pytest.mark.parametrize("path", sorted(path for method, path in ASKED if method == "GET" and "{" in path))
def test_whoever_wrote_it_reads_it(vendor: VendorWorld, written: Written, path: str) -> None:
    assert vendor.api.get(written.path(path)).status_code == 200


@pytest.mark.parametrize("path", ["sessions", "notes", "assessments", "crisis-flags", "handoffs", "events"])
def test_a_filter_finds_no_member_of_somebody_else(other_vendor: VendorWorld, written: Written, path: str) -> None:
    answer = other_vendor.api.get(f"/{path}/", {"member_id": written.member_id})
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Member not found or not assigned to this vendor"}


def test_an_addendum_to_somebody_elses_note_is_a_422_on_the_field(other_vendor: VendorWorld, written: Written) -> None:
    api: Api = other_vendor.api
    mine = {**(written.body("sessions/") or {}), "member_id": str(other_vendor.member().person_id)}
    session_id = api.post("/sessions/", mine).json()["id"]
    note = {**(written.body("notes/") or {}), "session_id": session_id, "addendum_to": written.note_id}
    answer = api.post("/notes/", note)
    assert (answer.status_code, [*answer.json()["errors"]]) == (422, ["addendum_to"])
