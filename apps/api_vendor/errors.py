"""This contract's statuses and words for what the domain refuses."""

import logging
import math
import time
from collections.abc import Mapping, Sequence

import msgspec
from django.core.exceptions import TooManyFieldsSent
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from apps.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Unavailable
from apps.events.stream import TooManyStreams
from apps.keys.errors import KeyRefused, LimitReached
from apps.tenants.context import KeyNoLongerValid

logger = logging.getLogger("throughline.errors")

# The nearest class decides; a code of its own is not needed for each subclass.
STATUSES: tuple[tuple[type[DomainError], int], ...] = (
    (KeyRefused, 401),
    (LimitReached, 429),
    (TooManyStreams, 429),
    (NotFound, 404),
    (Forbidden, 403),
    (Conflict, 409),
    (Invalid, 422),
    (Unavailable, 503),
)


class MissingScope(Forbidden):
    code = "missing_scope"

    def __init__(self, scope: str) -> None:
        super().__init__(f"This key lacks the scope {scope}.")


class BodyTooLarge(DomainError):
    code = "body_too_large"

    def __init__(self) -> None:
        super().__init__("The body is larger than 1 MiB.")


class UnsupportedMedia(DomainError):
    code = "unsupported_media"

    def __init__(self) -> None:
        super().__init__("Send the body as application/json, without a Content-Encoding.")


def answer(status: int, detail: str, errors: Mapping[str, Sequence[str]] | None = None) -> HttpResponse:
    body: dict[str, object] = {"detail": detail}
    if errors:
        body["errors"] = errors
    response = HttpResponse(msgspec.json.encode(body), status=status, content_type="application/json")
    if status == 401:
        response.headers["WWW-Authenticate"] = "X-API-Key"
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response


def status_of(error: DomainError) -> int:
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 409)


def render(exc: Exception) -> HttpResponse | None:
    """The answer to an exception that the contract knows, or None."""
    match exc:
        case BodyTooLarge():
            return answer(413, exc.message)
        case UnsupportedMedia():
            return answer(415, exc.message)
        case DomainError():
            response = answer(status_of(exc), exc.message, exc.fields if isinstance(exc, Invalid) else None)
            if response.status_code == 429:
                response.headers["Retry-After"] = str(getattr(exc, "retry_after", 5))
            return response
        case KeyNoLongerValid():
            return answer(401, "The API key is not valid.")
        case IntegrityError():
            return answer(409, "Another change was made at the same moment. Read again and retry.")
        case DataError():
            text = "A value is outside the range that can be kept."
            return answer(422, text, {"body": [text]})
        case TooManyFieldsSent():
            text = "There are too many parameters."
            return answer(422, text, {"query": [text]})
        case OperationalError() | InterfaceError():
            logger.error("database unavailable: %s", type(exc).__name__)
            return answer(503, "The service is not available for the moment. Try again shortly.")
        case Http404():
            return answer(404, "Not found.")
        case exceptions.MethodNotAllowed():
            return answer(405, f"{exc.args[0] if exc.args else 'This method'} is not allowed here.")
        case exceptions.APIException():
            return answer(exc.status_code, str(exc.default_detail))
    return None


def seconds_until(moment: float) -> int:
    return max(1, math.ceil(moment - time.time()))


def nowhere(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(404, "There is nothing at this path.")


def crashed(request: HttpRequest) -> HttpResponse:
    request_id = request.META.get("throughline.request_id", "")
    return answer(500, f"Something went wrong on our side. Quote request id {request_id} when you report it.")
