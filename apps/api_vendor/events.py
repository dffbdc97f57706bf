"""Events: endpoints 24 to 26. The stream itself is served by the ASGI process (`apps/events/stream.py`)."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from rest_framework.request import Request

from apps.api_vendor.base import VendorView, reads
from apps.audit import recording as audit
from apps.doors.wire import Answer, Closed
from apps.events import feed
from apps.members.actions import require_assigned

EventType = Literal[
    "member.assigned",
    "member.unassigned",
    "session.logged",
    "note.signed",
    "note.created",
    "care_context.updated",
    "assessment.completed",
    "crisis.flagged",
    "crisis.acknowledged",
    "crisis.escalated",
    "crisis.resolved",
    "handoff.created",
    "handoff.read",
    "handoff.accepted",
    "handoff.declined",
    "handoff.completed",
    "handoff.cancelled",
    "handoff.expired",
    "mood.logged",
    "sleep.logged",
    "booking.created",
    "booking.confirmed",
    "booking.completed",
    "booking.cancelled",
    "risk.changed",
]


class EventActor(Answer):
    kind: Literal["person", "key", "system"]
    id: uuid.UUID
    name: str


class Event(Answer):
    id: uuid.UUID
    type: EventType
    member_id: uuid.UUID | None
    occurred_at: datetime
    actor: EventActor
    data: dict[str, Any]


class EventPage(Answer):
    next_cursor: uuid.UUID | None
    results: Sequence[Event]


# For the description; `feed.read_cursor` refuses the others.
HEX = "[0-9a-fA-F]"
CURSOR_PATTERN = f"^{HEX}{{8}}-{HEX}{{4}}-7{HEX}{{3}}-[89abAB]{HEX}{{3}}-{HEX}{{12}}$"
Cursor = Annotated[str, Meta(extra_json_schema={"pattern": CURSOR_PATTERN})]


class FeedQuery(Closed):
    after: Cursor | None = None
    type: EventType | None = None
    member_id: uuid.UUID | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 25


class TimelineQuery(Closed):
    after: Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 25


def present(row: feed.Row) -> Event:
    event_id, kind, member_id, occurred_at, actor, data = row
    who = msgspec.json.decode(actor)
    return Event(
        id=event_id,
        type=kind,
        member_id=member_id,
        occurred_at=occurred_at,
        actor=EventActor(kind=who["kind"], id=uuid.UUID(who["id"]), name=who["name"]),
        data=msgspec.json.decode(data),
    )


class EventFeed(VendorView):
    scopes = {"GET": "sessions:read"}

    @reads(query=FeedQuery, answers=EventPage)
    def get(self, request: Request, query: FeedQuery) -> EventPage:
        """Events, oldest first; go on from `next_cursor`."""
        cursor = feed.read_cursor(query.after) if query.after is not None else None
        if query.member_id is not None:
            require_assigned(query.member_id)
        rows = feed.after(self.actor.tenant_id, cursor, type=query.type, member_id=query.member_id, limit=query.limit)
        audit.record("event.listed", rows=[row[0] for row in rows], member_id=query.member_id)
        return EventPage(
            next_cursor=rows[-1][0] if rows else (cursor or feed.BEGINNING), results=[present(row) for row in rows]
        )


class MemberTimeline(VendorView):
    scopes = {"GET": "sessions:read"}

    @reads(query=TimelineQuery, answers=EventPage)
    def get(self, request: Request, query: TimelineQuery, member_id: uuid.UUID) -> EventPage:
        """A member's events, newest first."""
        cursor = feed.read_cursor(query.after) if query.after is not None else None
        require_assigned(member_id)
        rows = feed.timeline(self.actor.tenant_id, member_id, cursor, limit=query.limit + 1)
        shown = rows[: query.limit]
        audit.record("timeline.read", rows=[row[0] for row in shown], member_id=member_id)
        more = len(rows) > query.limit
        return EventPage(next_cursor=shown[-1][0] if more else None, results=[present(row) for row in shown])
