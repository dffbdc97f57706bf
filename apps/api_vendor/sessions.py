"""Sessions: endpoints 7, 8 and 9."""

import uuid
from datetime import datetime
from typing import Annotated, Literal, cast

import msgspec
from django.db.models import OuterRef
from msgspec import Meta, field
from rest_framework.request import Request

from apps.api_vendor.base import VendorView, reads, writes
from apps.api_vendor.pagination import ListQuery, Page, page
from apps.api_vendor.periods import Moment, ending, starting
from apps.audit import recording as audit
from apps.care_sessions import actions, models
from apps.care_sessions.errors import SessionNotFound
from apps.doors.wire import Answer, Closed, Instant, LongText, ShortText
from apps.members.counting import count_of_member
from apps.notes.models import references_on

SessionType = Literal["individual", "group", "couples", "family", "intake", "crisis", "check_in"]
Modality = Literal["in_person", "video", "phone", "chat"]
Status = Literal["scheduled", "completed", "no_show", "cancelled"]
Mood = Annotated[int, Meta(ge=1, le=10)]
Tags = Annotated[list[ShortText], Meta(max_length=100)]
NoteType = Literal["soap", "dap", "birp", "girp", "intake", "progress", "discharge", "psychotherapy", "free_text"]
NoteStatus = Literal["draft", "signed"]


class NoteReference(Answer):
    id: uuid.UUID
    note_type: NoteType
    status: NoteStatus


class Session(Answer):
    id: uuid.UUID
    member_id: uuid.UUID
    external_id: str | None
    session_type: SessionType
    modality: Modality
    status: Status
    started_at: datetime
    ended_at: datetime | None
    duration_minutes: int | None
    clinician_id: uuid.UUID | None
    clinician_name: str | None
    mood_before: int | None
    mood_after: int | None
    summary: str | None
    topics: list[str]
    interventions: list[str]
    homework: str | None
    next_session_at: datetime | None
    notes: list[NoteReference]
    created_at: datetime


class NewSession(Closed):
    member_id: uuid.UUID
    session_type: SessionType
    modality: Modality
    started_at: Instant
    status: Status = "completed"
    external_id: ShortText | None = None
    ended_at: Instant | None = None
    clinician_id: uuid.UUID | None = None
    clinician_name: ShortText | None = None
    mood_before: Mood | None = None
    mood_after: Mood | None = None
    summary: LongText | None = None
    topics: Tags = field(default_factory=list)
    interventions: Tags = field(default_factory=list)
    homework: LongText | None = None
    next_session_at: Instant | None = None


class SessionQuery(ListQuery):
    """`from` and `to` ask by `started_at`; each is an instant or a date, inclusive."""

    member_id: uuid.UUID | None = None
    status: Status | None = None
    from_: Moment | None = field(name="from", default=None)
    to: Moment | None = None


def present(session: models.Session) -> Session:
    """A session as `_with_notes` reads it, or one just logged, which has no notes yet."""
    return Session(
        id=session.id,
        member_id=session.member_id,
        external_id=session.external_id,
        session_type=cast(SessionType, session.session_type),
        modality=cast(Modality, session.modality),
        status=cast(Status, session.status),
        started_at=session.started_at,
        ended_at=session.ended_at,
        duration_minutes=session.duration_minutes,
        clinician_id=session.clinician_id,
        clinician_name=session.clinician_name,
        mood_before=session.mood_before,
        mood_after=session.mood_after,
        summary=session.summary,
        topics=session.topics,
        interventions=session.interventions,
        homework=session.homework,
        next_session_at=session.next_session_at,
        notes=msgspec.convert(getattr(session, "note_references", []), list[NoteReference]),
        created_at=session.created_at,
    )


def _with_notes(sessions: models.SessionQuerySet) -> models.SessionQuerySet:
    return sessions.annotate(note_references=references_on(OuterRef("id")))


class SessionList(VendorView):
    scopes = {"GET": "sessions:read", "POST": "sessions:write"}

    @reads(query=SessionQuery, answers=Page[Session])
    def get(self, request: Request, query: SessionQuery) -> Page[Session]:
        """Sessions, newest first."""
        found = models.Session.objects.visible_to(self.actor)
        if query.status is not None:
            found = found.with_status(query.status)
        if (since := starting(query.from_)) is not None:
            found = found.started_from(since)
        if (until := ending(query.to)) is not None:
            found = found.started_until(until)
        if query.member_id is None:
            count = found.count()
        else:
            found = found.of_member(query.member_id)
            count = count_of_member(found, query.member_id)
        shown = list(_with_notes(found.newest_first())[query.offset : query.offset + query.limit])
        audit.record("session.listed", rows=[row.id for row in shown], member_id=query.member_id)
        return page(request, query, count, [present(row) for row in shown])

    @writes(body=NewSession, answers=Session, status=201)
    def post(self, request: Request, body: NewSession) -> Session:
        """Log a session; a repeated `external_id` is a 409."""
        session = actions.log(
            member_id=body.member_id,
            session_type=body.session_type,
            modality=body.modality,
            started_at=body.started_at,
            status=body.status,
            external_id=body.external_id,
            ended_at=body.ended_at,
            clinician_id=body.clinician_id,
            clinician_name=body.clinician_name,
            mood_before=body.mood_before,
            mood_after=body.mood_after,
            summary=body.summary,
            topics=body.topics,
            interventions=body.interventions,
            homework=body.homework,
            next_session_at=body.next_session_at,
        )
        return present(session)


class SessionDetail(VendorView):
    scopes = {"GET": "sessions:read"}

    @reads(answers=Session)
    def get(self, request: Request, session_id: uuid.UUID) -> Session:
        """One session, with its notes' ids and types."""
        session = _with_notes(models.Session.objects.visible_to(self.actor)).filter(id=session_id).first()
        if session is None:
            raise SessionNotFound
        audit.record("session.read", rows=[session.id], member_id=session.member_id)
        return present(session)
