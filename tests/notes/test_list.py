"""GET /notes/."""

import uuid

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.notes.test_write import a_note, a_session
from tests.people import VendorWorld


def listed(vendor: VendorWorld, **query: object) -> list[str]:
    answer = vendor.api.get("/notes/", query)
    assert answer.status_code == 200, answer.content
    return [each["id"] for each in answer.json()["results"]]


def test_filters_narrow_newest_first(vendor: VendorWorld) -> None:
    one, two = a_session(vendor), a_session(vendor)
    sent = [a_note(one), a_note(one, "dap", status="signed"), a_note(two)]
    notes = [vendor.api.post("/notes/", each).json() for each in sent]
    soap, dap, other = (note["id"] for note in notes)
    assert listed(vendor) == [other, dap, soap]
    assert listed(vendor, session_id=one) == [dap, soap]
    assert listed(vendor, member_id=notes[0]["member_id"]) == [dap, soap]
    assert listed(vendor, note_type="soap") == [other, soap]
    assert listed(vendor, status="signed") == [dap]
    assert listed(vendor, session_id=one, status="draft", note_type="dap") == []
    assert listed(vendor, session_id=uuid.uuid4()) == []


def test_another_vendors_notes_are_not_there(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    theirs = other_vendor.api.post("/notes/", a_note(a_session(other_vendor))).json()
    assert listed(vendor) == listed(vendor, session_id=theirs["session_id"]) == []
    assert vendor.api.get("/notes/", {"member_id": theirs["member_id"]}).status_code == 404


def test_statements_stay_in_the_budget_however_many_rows(vendor: VendorWorld) -> None:
    session_id, api = a_session(vendor), vendor.api
    notes = [api.post("/notes/", a_note(session_id)).json() for _ in range(5)]
    member_id = notes[0]["member_id"]
    for query in ({}, {"member_id": member_id}):
        with CaptureQueriesContext(connection) as captured:
            assert len(api.get("/notes/", query).json()["results"]) == 5
        statements = [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]
        assert len(statements) <= 4, statements
