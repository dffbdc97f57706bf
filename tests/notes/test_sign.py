"""Drafts become signed notes, and signed notes stay as they are."""

from dataclasses import replace
from uuid import UUID

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from apps.core.database import run
from apps.core.errors import Forbidden
from apps.notes import actions
from apps.notes.errors import AlreadySigned, NoteIsSigned, NoteNotFound, StaleNote
from apps.notes.models import Note, NoteSignature
from apps.tenants.context import acting_as
from tests.notes.test_write import a_session
from tests.people import VendorWorld

BODY = {"body": "as heard"}


def write(vendor: VendorWorld, session_id: str, *, signed: bool = False) -> Note:
    with acting_as(vendor.actor):
        return actions.write(session_id=UUID(session_id), note_type="progress", content=BODY, signed=signed)


@pytest.fixture
def session_id(vendor: VendorWorld) -> str:
    return a_session(vendor)


def test_signing_a_draft_freezes_it(vendor: VendorWorld, session_id: str) -> None:
    draft = write(vendor, session_id)
    with acting_as(vendor.actor):
        signed = actions.sign(note_id=draft.id, version=1)
        assert NoteSignature.objects.get(note=signed).signed_by["name"] == vendor.clinician.name
    with pytest.raises(NoteIsSigned), acting_as(vendor.actor):
        actions.sign(note_id=draft.id, version=1)
    with pytest.raises(NoteIsSigned), acting_as(vendor.actor):
        actions.revise(note_id=draft.id, version=1, content=BODY)


def test_a_draft_is_revised_from_the_version_that_was_read(vendor: VendorWorld, session_id: str) -> None:
    draft = write(vendor, session_id)
    with acting_as(vendor.actor):
        assert actions.revise(note_id=draft.id, version=1, content={"body": "better"}).version == 2
    with pytest.raises(StaleNote), acting_as(vendor.actor):
        actions.revise(note_id=draft.id, version=1, content={"body": "worse"})
    with pytest.raises(StaleNote), acting_as(vendor.actor):
        actions.sign(note_id=draft.id, version=1)
    assert vendor.api.get("/notes/").json()["results"][0]["content"] == {"body": "better"}


def test_a_second_of_a_type_is_not_signed(vendor: VendorWorld, session_id: str) -> None:
    write(vendor, session_id, signed=True)
    draft = write(vendor, session_id)
    with pytest.raises(AlreadySigned), acting_as(vendor.actor):
        actions.sign(note_id=draft.id, version=1)
    assert vendor.api.get("/notes/", {"status": "signed"}).json()["count"] == 1


def test_an_addendum_stands_beside_its_signed_note(vendor: VendorWorld, session_id: str) -> None:
    original = write(vendor, session_id, signed=True)
    with acting_as(vendor.actor):
        addendum = actions.addend(note_id=original.id, content={"body": "and this"}, signed=True)
    assert (addendum.addendum_to_id, addendum.note_type) == (original.id, "progress")


def test_another_vendors_note_is_not_there(vendor: VendorWorld, other_vendor: VendorWorld, session_id: str) -> None:
    draft = write(vendor, session_id)
    with pytest.raises(NoteNotFound), acting_as(other_vendor.actor):
        actions.sign(note_id=draft.id, version=1)


def test_an_auditor_writes_no_notes(vendor: VendorWorld, session_id: str) -> None:
    auditor = replace(vendor.actor, roles=frozenset({"auditor"}))
    with pytest.raises(Forbidden), acting_as(auditor):
        actions.write(session_id=UUID(session_id), note_type="progress", content=BODY)


def test_the_application_can_neither_change_nor_delete_a_signed_note(vendor: VendorWorld, session_id: str) -> None:
    note = write(vendor, session_id, signed=True)
    with acting_as(vendor.actor):
        for change in ("content = content", "version = 2", "status = 'draft', signed_at = NULL, signed_by = NULL"):
            with pytest.raises(IntegrityError), transaction.atomic():
                run([(f"UPDATE notes_note SET {change} WHERE id = %s", (note.id,))])
        with pytest.raises(ProgrammingError), transaction.atomic():
            run([("DELETE FROM notes_note WHERE id = %s", (note.id,))])


def test_nor_can_the_owner_of_the_tables(vendor: VendorWorld, session_id: str) -> None:
    note = write(vendor, session_id, signed=True)
    for statement in ("DELETE FROM notes_note WHERE id = %s", "UPDATE notes_note SET version = 2 WHERE id = %s"):
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            cursor.execute("SELECT set_config('throughline.tenant_id', %s, true)", [str(vendor.tenant.id)])
            with pytest.raises(IntegrityError), transaction.atomic("owner"):
                cursor.execute(statement, [note.id])


def test_while_keys_rotate_the_content_alone_is_sealed_anew(vendor: VendorWorld, session_id: str) -> None:
    note = write(vendor, session_id, signed=True)
    with acting_as(vendor.actor):
        run([("SELECT set_config('throughline.rotating', 'on', true)", ())])
        run([("UPDATE notes_note SET content = content WHERE id = %s", (note.id,))])
        with pytest.raises(IntegrityError), transaction.atomic():
            run([("UPDATE notes_note SET content = content, version = 2 WHERE id = %s", (note.id,))])
        connection.check_constraints()


def test_worklists_ask_for_unsigned_notes_by_age(vendor: VendorWorld, session_id: str) -> None:
    write(vendor, session_id, signed=True)
    drafts = [write(vendor, session_id), write(vendor, session_id)]
    with acting_as(vendor.actor):
        waiting = Note.objects.visible_to(vendor.actor).unsigned().oldest_first()
        assert [note.id for note in waiting] == [draft.id for draft in drafts]
        assert not waiting.written_before(drafts[0].created_at).exists()
