"""The event stream: endpoint 25, `text/event-stream` from the ASGI process."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from apps.api_vendor import openapi
from apps.api_vendor.base import NoParameters, VendorView
from apps.api_vendor.events import present
from apps.audit import recording as audit
from apps.core.errors import Unavailable
from apps.doors.wire import read_query
from apps.events.feed import Row, read_cursor
from apps.events.stream import OpenStream, hub, places
from apps.tenants.context import acting_as


class EventStream(VendorView):
    scopes = {"GET": "sessions:read"}

    @extend_schema(
        parameters=[OpenApiParameter("Last-Event-ID", OpenApiTypes.UUID, OpenApiParameter.HEADER)],
        responses={
            (200, "text/event-stream"): OpenApiResponse(OpenApiTypes.STR, "Events as they happen."),
            **openapi.problems(),
        },
    )
    def get(self, request: Request, **ids: Any) -> HttpResponseBase:
        """The feed as it happens, as server-sent events; `Last-Event-ID` resumes."""
        read_query(NoParameters, request.GET)
        given = request.META.get("HTTP_LAST_EVENT_ID")
        after = read_cursor(given, "Last-Event-ID") if given else None
        with acting_as(self.actor):
            audit.record("event.streamed")
        if not isinstance(request._request, ASGIRequest):
            raise Unavailable("The stream is served by the stream process; ask through the front door.")
        place = places.take(self.actor.id)
        return OpenStream(_frames(self.actor.tenant_id, self.actor.id, after), place)


async def _frames(tenant_id: uuid.UUID, key_id: uuid.UUID, after: uuid.UUID | None) -> AsyncIterator[bytes]:
    async with hub().listening(tenant_id=tenant_id, key_id=key_id, after=after) as events:
        yield b": open\nretry: 2000\n\n"
        async for row in events:
            yield b": still here\n\n" if row is None else _frame(row)


def _frame(row: Row) -> bytes:
    event = present(row)
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (
        str(event.id).encode(),
        event.type.encode(),
        msgspec.json.encode(event),
    )
