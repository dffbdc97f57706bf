"""POST /notes/."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from apps.core.database import run
from apps.events.models import Event
from apps.notes.models import NoteSignature, sections_of
from apps.tenants.context import acting_as
from tests.people import VendorWorld

TYPES = ("soap", "dap", "birp", "girp", "intake", "progress", "discharge", "psychotherapy", "free_text")


def a_session(vendor: VendorWorld) -> str:
    body = {
        "member_id": str(vendor.member().person_id),
        "session_type": "individual",
        "modality": "phone",
        "started_at": "2026-03-02T10:00:00Z",
    }
    return str(vendor.api.post("/sessions/", body).json()["id"])


def a_note(session_id: str, note_type: str = "soap", **changes: Any) -> dict[str, Any]:
    content = {section: f"about {section}" for section in sections_of(note_type)}
    return {"session_id": session_id, "note_type": note_type, "content": content, **changes}


@pytest.mark.parametrize("note_type", TYPES)
def test_a_draft_comes_back_as_it_was_written(vendor: VendorWorld, note_type: str) -> None:
    sent = a_note(a_session(vendor), note_type)
    answer = vendor.api.post("/notes/", sent)
    assert answer.status_code == 201, answer.content
    note = answer.json()
    assert {field: note[field] for field in sent} == sent
    assert (note["status"], note["signed_at"], note["signed_by"], note["version"]) == ("draft", None, None, 1)
    assert note["author"]["kind"] == "key"
    assert vendor.api.get("/notes/").json()["results"] == [note]


def test_a_note_may_be_signed_at_once(vendor: VendorWorld) -> None:
    note = vendor.api.post("/notes/", a_note(a_session(vendor), status="signed")).json()
    assert note["status"] == "signed"
    assert note["signed_at"]
    assert note["signed_by"] == note["author"]
    with acting_as(vendor.actor):
        assert NoteSignature.objects.filter(note_id=note["id"]).count() == 1
        types = Event.objects.filter(tenant_id=vendor.tenant.id, data__note_id=note["id"]).order_by("id")
        assert [event.type for event in types] == ["note.created", "note.signed"]


@pytest.mark.parametrize(
    ("note_type", "content", "fields"),
    [
        ("soap", {"subjective": "", "objective": "", "assessment": ""}, ["content.plan"]),
        ("dap", {"data": "", "assessment": "", "plan": "", "body": ""}, ["content.body"]),
        ("free_text", {}, ["content.body"]),
        ("progress", {"body": 7}, ["content.body"]),
        (
            "birp",
            {"body": ""},
            ["content.body", "content.behavior", "content.intervention", "content.response", "content.plan"],
        ),
    ],
)
def test_a_section_too_many_or_missing_is_named(
    vendor: VendorWorld, note_type: str, content: dict[str, Any], fields: list[str]
) -> None:
    answer = vendor.api.post("/notes/", a_note(a_session(vendor), note_type, content=content))
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == fields


def test_a_session_that_is_not_ours_is_a_fault_of_the_body(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    for session_id in (a_session(other_vendor), str(uuid.uuid4())):
        answer = vendor.api.post("/notes/", a_note(session_id))
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["session_id"])


def test_a_second_signed_note_of_a_type_is_refused_unless_it_is_an_addendum(vendor: VendorWorld) -> None:
    session_id = a_session(vendor)
    first = vendor.api.post("/notes/", a_note(session_id, status="signed")).json()
    second = vendor.api.post("/notes/", a_note(session_id, status="signed"))
    assert second.status_code == 409
    assert "addendum_to" in second.json()["detail"]
    assert vendor.api.post("/notes/", a_note(session_id, "dap", status="signed")).status_code == 201
    assert vendor.api.post("/notes/", a_note(session_id)).status_code == 201
    for _ in range(2):
        answer = vendor.api.post("/notes/", a_note(session_id, status="signed", addendum_to=first["id"]))
        assert (answer.status_code, answer.json()["addendum_to"]) == (201, first["id"])


def test_of_eight_signed_at_once_one_is_kept(vendor: VendorWorld) -> None:
    api, sent = vendor.api, a_note(a_session(vendor), status="signed")

    def post(_: int) -> int:
        try:
            return api.post("/notes/", sent).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(post, range(8))) == [201] + [409] * 7
    assert api.get("/notes/").json()["count"] == 1


def test_an_addendum_is_to_a_signed_note_of_the_same_session(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    session_id = a_session(vendor)
    draft = vendor.api.post("/notes/", a_note(session_id)).json()["id"]
    elsewhere = vendor.api.post("/notes/", a_note(a_session(vendor), status="signed")).json()["id"]
    foreign = other_vendor.api.post("/notes/", a_note(a_session(other_vendor), status="signed")).json()["id"]
    for original in (draft, elsewhere, foreign, str(uuid.uuid4())):
        answer = vendor.api.post("/notes/", a_note(session_id, addendum_to=original))
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["addendum_to"])


def test_content_stands_sealed_and_in_no_event(vendor: VendorWorld) -> None:
    sent = a_note(a_session(vendor), "free_text", content={"body": "a secret"}, status="signed")
    note = vendor.api.post("/notes/", sent).json()
    with acting_as(vendor.actor):
        ((content,),) = run([("SELECT content FROM notes_note WHERE id = %s", (note["id"],))])[0]
        assert b"secret" not in bytes(content)
        assert "secret" not in str(list(Event.objects.filter(tenant_id=vendor.tenant.id).values()))


def test_statements_stay_in_the_budget(vendor: VendorWorld) -> None:
    session_id, api = a_session(vendor), vendor.api
    api.post("/notes/", a_note(session_id))
    with CaptureQueriesContext(connection) as captured:
        assert api.post("/notes/", a_note(session_id, status="signed")).status_code == 201
    statements = [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]
    assert len(statements) <= 8, statements
