"""Clinical notes: endpoints 10 and 11."""

import uuid
from datetime import datetime
from typing import Annotated, Any, cast, get_args

from msgspec import Meta
from rest_framework.request import Request

from apps.api_vendor.base import VendorView, reads, writes
from apps.api_vendor.pagination import ListQuery, Page, page
from apps.api_vendor.people import Who, who
from apps.api_vendor.sessions import NoteStatus, NoteType
from apps.audit import recording as audit
from apps.doors.wire import Answer, Closed
from apps.members.counting import count_of_member
from apps.notes import actions, digests, models


class Note(Answer):
    id: uuid.UUID
    member_id: uuid.UUID
    session_id: uuid.UUID
    note_type: NoteType
    content: dict[str, str]
    status: NoteStatus
    addendum_to: uuid.UUID | None
    signed_at: datetime | None
    signed_by: Who | None
    author: Who
    version: int
    created_at: datetime
    updated_at: datetime


# The sections by type, for the description; faults are named by the note's own policy.
SHAPES = [
    {
        "title": ", ".join(kind for kind in get_args(NoteType) if models.sections_of(kind) == sections),
        "type": "object",
        "properties": {section: {"type": "string", "maxLength": models.LONGEST_SECTION} for section in sections},
        "required": list(sections),
        "additionalProperties": False,
    }
    for sections in dict.fromkeys(models.sections_of(kind) for kind in get_args(NoteType))
]
Content = Annotated[dict[str, Any], Meta(extra_json_schema={"anyOf": SHAPES})]


class NewNote(Closed):
    """`content` has exactly the sections of `note_type`, each a text."""

    session_id: uuid.UUID
    note_type: NoteType
    content: Content
    status: NoteStatus = "draft"
    addendum_to: uuid.UUID | None = None


class NoteQuery(ListQuery):
    member_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    note_type: NoteType | None = None
    status: NoteStatus | None = None


def present(note: models.Note) -> Note:
    return Note(
        id=note.id,
        member_id=note.member_id,
        session_id=note.session_id,
        note_type=cast(NoteType, note.note_type),
        content=digests.words(note),
        status=cast(NoteStatus, note.status),
        addendum_to=note.addendum_to_id,
        signed_at=note.signed_at,
        signed_by=who(note.signed_by) if note.signed_by else None,
        author=who(note.author),
        version=note.version,
        created_at=note.created_at,
        updated_at=note.updated_at,
    )


class NoteList(VendorView):
    scopes = {"GET": "notes:read", "POST": "notes:write"}

    @reads(query=NoteQuery, answers=Page[Note])
    def get(self, request: Request, query: NoteQuery) -> Page[Note]:
        """Clinical notes, newest first."""
        found = models.Note.objects.visible_to(self.actor)
        if query.session_id is not None:
            found = found.of_session(query.session_id)
        if query.note_type is not None:
            found = found.of_type(query.note_type)
        if query.status is not None:
            found = found.with_status(query.status)
        if query.member_id is None:
            count = found.count()
        else:
            found = found.of_member(query.member_id)
            count = count_of_member(found, query.member_id)
        shown = list(found.with_signatures().newest_first()[query.offset : query.offset + query.limit])
        audit.record("note.listed", rows=[note.id for note in shown], member_id=query.member_id)
        return page(request, query, count, [present(note) for note in shown])

    @writes(body=NewNote, answers=Note, status=201)
    def post(self, request: Request, body: NewNote) -> Note:
        """Write a note, as a draft or signed; a second signed one of its type that is no addendum is a 409."""
        note = actions.write(
            session_id=body.session_id,
            note_type=body.note_type,
            content=body.content,
            signed=body.status == "signed",
            addendum_to=body.addendum_to,
        )
        return present(note)
