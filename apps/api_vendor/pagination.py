"""This contract's paging: `limit` and `offset`, and the envelope of a list."""

from collections.abc import Sequence
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from msgspec import Meta

from apps.doors.wire import Answer, Closed

Item = TypeVar("Item")

# The largest offset that PostgreSQL takes is far above; past this nobody pages by hand.
LARGEST_OFFSET = 2**31 - 1


class ListQuery(Closed):
    limit: Annotated[int, Meta(ge=1, le=100)] = 25
    offset: Annotated[int, Meta(ge=0, le=LARGEST_OFFSET)] = 0


class Page[Item](Answer):
    count: int
    next: str | None
    previous: str | None
    results: Sequence[Item]


def page[Item](request: HttpRequest, query: ListQuery, count: int, results: Sequence[Item]) -> Page[Item]:
    """The envelope, with absolute addresses of the pages beside this one."""
    following = query.offset + query.limit
    before = max(query.offset - query.limit, 0)
    return Page(
        count=count,
        next=_address(request, query.limit, following) if following < count else None,
        previous=_address(request, query.limit, before) if query.offset > 0 else None,
        results=results,
    )


def _address(request: HttpRequest, limit: int, offset: int) -> str:
    parameters = {**request.GET.dict(), "limit": str(limit), "offset": str(offset)}
    address = f"{request.path}?{urlencode(parameters)}"
    try:
        return request.build_absolute_uri(address)
    except DisallowedHost:
        return settings.BASE_URL + address
