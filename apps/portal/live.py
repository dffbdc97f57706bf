"""What makes open pages follow what happens: the kinds of news at the workplace, as server-sent events.

A frame names a kind (`crisis`, `handoff`, `note`, ...) and holds nothing of what happened: the part of the page that
waits for that kind asks for itself again, and gets what the person may see. It comes at most once a second for each kind.
Its id is the time of the server; a browser that was away sends it as `Last-Event-ID`, a page just rendered as
`?since=`, and hears of every kind that came in between. An open stream is no sign of life of the person: it ends within
a heartbeat of the end of the session, its lock, or its move to another workplace.
"""

import asyncio
import copy
import time
from collections.abc import AsyncIterator, Iterable
from datetime import datetime, timedelta
from importlib import import_module
from typing import cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET

from apps.accounts.pages import PortalRequest, hindrance
from apps.core.clock import now
from apps.events import stream
from apps.events.feed import EPOCH
from apps.events.stream import KINDS, Bell, OpenStream, TooManyStreams, hub, places

MOST_PER_PERSON = 12
COALESCE_SECONDS = 1.0
# An event is made a little before it can be read, and clocks of two machines differ a little.
OVERLAP = timedelta(seconds=5)
# Whoever was away for longer looks at everything again.
LONGEST_GAP = timedelta(hours=1)
STATUSES = {"signed_out": 401, "locked": 423, "no_second_factor": 403, "no_workplace": 409}


@require_GET
def live(request: HttpRequest) -> HttpResponseBase:
    """The stream of the workplace; refused with a status alone, for no page reads more."""
    if hindered := hindrance(request):
        return HttpResponse(status=STATUSES[hindered])
    if not isinstance(request, ASGIRequest):
        return HttpResponse(status=503, headers={"Retry-After": "2"})
    asked = cast(PortalRequest, request)
    try:
        place = places.take(asked.actor.id, most=MOST_PER_PERSON, holder="A person")
    except TooManyStreams:
        return HttpResponse(status=429, headers={"Retry-After": "30"})
    since = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    return OpenStream(_frames(asked, since), place)


async def _frames(request: PortalRequest, since: str) -> AsyncIterator[bytes]:
    bell, moment = Bell(), _moment(since)
    if since and moment is None:
        bell.ring(KINDS)
    async with hub().hanging(bell, tenant_id=request.workplace.id, since=moment):
        yield b": open\nretry: 2000\n" + _frame(())
        checked = time.monotonic()
        while True:
            kinds = await bell.heard(checked + stream.HEARTBEAT_SECONDS - time.monotonic())
            if time.monotonic() - checked >= stream.HEARTBEAT_SECONDS:
                if await sync_to_async(_is_over)(request):
                    return
                checked = time.monotonic()
            yield _frame(kinds)
            if kinds:
                await asyncio.sleep(COALESCE_SECONDS)


def _frame(kinds: Iterable[str]) -> bytes:
    """One event for each kind; without any, a heartbeat that only moves the id on."""
    token = str((now() - EPOCH) // timedelta(milliseconds=1)).encode()
    named = [b"event: %s\ndata: %s\nid: %s\n\n" % (kind.encode(), token, token) for kind in sorted(kinds)]
    return b"".join(named) or b": still here\nid: %s\n\n" % token


def _moment(token: str) -> datetime | None:
    """The time that a token names, less the overlap; None when it is none of ours or too long ago."""
    if not (token.isascii() and token.isdigit() and len(token) <= 13):
        return None
    moment = EPOCH + timedelta(milliseconds=int(token)) - OVERLAP
    return moment if now() - moment < LONGEST_GAP else None


def _is_over(request: PortalRequest) -> bool:
    """Whether the session that opened the stream is no longer at work at the same place, as the database says now."""
    again = copy.copy(request)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    try:
        again.session = store(request.session.session_key)
        again.user = get_user(again)
        return hindrance(again) is not None or again.workplace.id != request.workplace.id
    except Error:
        # The browser asks again, on a new connection.
        connection.close()
        return True
