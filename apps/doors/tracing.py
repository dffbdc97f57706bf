"""One id for each request, echoed and logged: `X-Request-Id` as given or made, `traceparent` as received.

The log line holds method, path, status and time; never a query string, a header or a body, nor what in a path opens
something by itself: the tokens of links that are mailed.
"""

import logging
import re
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from apps.core.ids import uuid7

logger = logging.getLogger("throughline.requests")

_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_TOKEN = re.compile(r"(?<=/portal/account/)(invitations|password/reset/key)/.+", re.DOTALL)


class TracingMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(uuid7())
        request.META["throughline.request_id"] = request_id
        request.META["throughline.started"] = started
        response = self.get_response(request)
        response.headers["X-Request-Id"] = request_id
        traceparent = request.META.get("HTTP_TRACEPARENT", "")
        if _TRACEPARENT.fullmatch(traceparent):
            response.headers["traceparent"] = traceparent
        else:
            traceparent = "-"
        logger.info(
            "%s %s %s %.1fms request_id=%s traceparent=%s",
            request.method,
            _TOKEN.sub(r"\1/...", request.path).encode("unicode_escape").decode(),
            response.status_code,
            (time.perf_counter() - started) * 1000,
            request_id,
            traceparent,
        )
        return response


def request_id_of(request: HttpRequest) -> str:
    return str(request.META.get("throughline.request_id", ""))


def milliseconds_since_start(request: HttpRequest) -> float:
    """How long the request has taken so far, to a tenth; 0 where nothing traces it."""
    moment = time.perf_counter()
    return round((moment - float(request.META.get("throughline.started", moment))) * 1000, 1)
