"""What every endpoint of this contract shares: the key, its allowance and scope, the transaction, the errors.

A view says which scope each method needs and decorates it with `reads` or `writes`. These open the actor's
transaction, read query or body into a struct, insist that the work was audited, and encode the answer. POSTs may be
repeated under an `Idempotency-Key`.
"""

import logging
import time
import traceback
import uuid
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ClassVar, cast

import msgspec
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec import Struct
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.api_vendor import errors, openapi
from apps.api_vendor.auth import VendorKeyAuthentication
from apps.audit import recording as audit
from apps.core.actor import Actor
from apps.core.database import run
from apps.core.errors import Invalid
from apps.doors.tracing import milliseconds_since_start, request_id_of
from apps.doors.wire import Closed, read_body, read_query
from apps.idempotency import actions as idempotency
from apps.idempotency.models import LONGEST_KEY
from apps.keys import request_log
from apps.keys.errors import KeyRefused, LimitReached
from apps.keys.limits import Allowance
from apps.tenants.context import KeyNoLongerValid, Work, acting_as

logger = logging.getLogger("throughline.errors")

Handler = Callable[..., Any]


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key", {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}, "header"
)


class NothingRecorded(RuntimeError):
    """A view touched protected data and recorded nothing; it is not let through."""


class HoldsAKey(BasePermission):
    """Whom the authenticator knows; what a key may do is its scopes' matter."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, Actor)


class VendorView(APIView):
    """One path of the contract. `scopes` maps each method to the scope that it needs."""

    authentication_classes: Sequence[type[BaseAuthentication]] = (VendorKeyAuthentication,)
    permission_classes: Sequence[type[BasePermission]] = (HoldsAKey,)
    http_method_names: Sequence[str] = ("get", "head", "post", "put")
    schema: openapi.VendorSchema | None = openapi.VendorSchema()
    scopes: ClassVar[dict[str, str]] = {}

    actor: Actor
    allowance: Allowance | None = None
    decision: request_log.Decision = "not_asked"
    # Whose key it is, by tenant and key, also where it was refused.
    shown: tuple[uuid.UUID, uuid.UUID] | None = None

    def initialize_request(self, request: HttpRequest, *args: object, **kwargs: object) -> Request:
        """Nothing is negotiated: JSON is all there is, which `writes` reads and `_encoded` writes."""
        return Request(request, authenticators=self.get_authenticators())

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {}

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        actor = request.user
        if not isinstance(actor, Actor):
            raise TypeError("the authenticator must give an Actor")
        self.actor = actor
        self.shown = actor.tenant_id, actor.id
        self.allowance = request.auth if isinstance(request.auth, Allowance) else None
        self.check_allowance()
        scope = self.scope_needed(request)
        self.decision = "granted" if scope else "not_needed"
        if scope and scope not in actor.scopes:
            self.decision = "missing"
            raise errors.MissingScope(scope)

    def scope_needed(self, request: Request) -> str:
        return self.scopes.get("GET" if request.method == "HEAD" else request.method or "", "")

    def check_allowance(self) -> None:
        if self.allowance is not None and self.allowance.exceeded:
            seconds = errors.seconds_until(self.allowance.reset_at)
            raise LimitReached(
                f"The limit of {self.allowance.limit} requests a minute is reached. Try again in {seconds} s.",
                retry_after=seconds,
            )

    def handle_exception(self, exc: Exception) -> Response:
        if self._key_was_withdrawn(exc):
            exc = KeyNoLongerValid()
        if isinstance(exc, KeyRefused) and exc.tenant_id and exc.key_id:
            self.shown = exc.tenant_id, exc.key_id
        response = errors.render(exc)
        if response is None:
            # Never the exception's text: it may hold what a person wrote.
            frames = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(exc.__traceback__)[-6:]]
            logger.error("%s at %s", type(exc).__name__, " < ".join(reversed(frames)))
            response = errors.crashed(self.request)
        return response  # type: ignore[return-value]

    def _key_was_withdrawn(self, exc: Exception) -> bool:
        """Whether whoever is refused here holds a key that is good for nothing any more."""
        actor = getattr(self, "actor", None)
        if actor is None or actor.kind != "key" or isinstance(exc, LimitReached) or errors.render(exc) is None:
            return False
        try:
            with acting_as(actor, durable=False):
                run([("SELECT 1", ())])
            return False
        except KeyNoLongerValid:
            return True
        except DatabaseError:
            return False

    def finalize_response(self, request: Request, response: Any, *args: object, **kwargs: object) -> Response:
        headers, allowance = response.headers, self.allowance
        if response.status_code == 405:
            headers["Allow"] = ", ".join(self.allowed_methods)
        headers["Cache-Control"] = "no-store"
        if allowance is not None:
            headers["X-RateLimit-Limit"] = str(allowance.limit)
            headers["X-RateLimit-Remaining"] = str(allowance.remaining)
            headers["X-RateLimit-Reset"] = str(allowance.reset_at)
        if self.shown is not None:
            self._note(request, response.status_code, *self.shown)
        return cast(Response, response)

    def _note(self, request: Request, status: int, tenant_id: uuid.UUID, key_id: uuid.UUID) -> None:
        asked = request._request
        entry = request_log.Entry(
            at=int(time.time() * 1000),
            method=asked.method or "",
            path=asked.path[: request_log.LONGEST_PATH],
            status=status,
            scope=self.scope_needed(request),
            decision=self.decision,
            milliseconds=milliseconds_since_start(asked),
            request_id=request_id_of(asked),
            key_id=key_id,
        )
        request_log.note(tenant_id, entry)


class NoParameters(Closed):
    """No query parameter is known here."""


def reads(*, answers: Any, query: type[Struct] | None = None) -> Callable[[Handler], Handler]:
    """A reading: its transaction may commit asynchronously, and must have been audited."""

    def decorate(method: Handler) -> Handler:
        @extend_schema(parameters=openapi.parameters(query), responses=openapi.responses(200, answers))
        @wraps(method)
        def handler(self: VendorView, request: Request, **ids: Any) -> HttpResponse:
            asked = read_query(query or NoParameters, request._request.GET)
            with acting_as(self.actor, durable=False) as work:
                found = method(self, request, asked, **ids) if query else method(self, request, **ids)
                _insist_on_audit(work)
            return _encoded(200, msgspec.json.encode(found))

        return handler

    return decorate


def writes(*, answers: Any, body: type[Struct] | None = None, status: int = 200) -> Callable[[Handler], Handler]:
    """A change: durable, audited, and safe to repeat under one `Idempotency-Key`."""

    def decorate(method: Handler) -> Handler:
        @extend_schema(
            parameters=[IDEMPOTENCY_KEY] if method.__name__ == "post" else [],
            request={"application/json": openapi.reference(body)} if body else None,
            responses=openapi.responses(status, answers),
        )
        @wraps(method)
        def handler(self: VendorView, request: Request, **ids: Any) -> HttpResponse:
            read_query(NoParameters, request._request.GET)
            sent = _body_of(request._request)
            key = _idempotency_key(request)
            if key is None:
                parsed = read_body(body or NoParameters, sent)
            with acting_as(self.actor) as work:
                claim = None
                if key is not None:
                    claim = idempotency.claim(
                        caller=_caller(self.actor),
                        key=key,
                        fingerprint=idempotency.fingerprint(request.method or "", request.path, sent),
                    )
                    # Only now: under a key that was used, whatever else is sent is another body, a faulty one too.
                    parsed = read_body(body or NoParameters, sent)
                if isinstance(claim, idempotency.Replay):
                    audit.record("answer.replayed", rows=[claim.id])
                    replayed = _encoded(claim.status, claim.body)
                    replayed.headers["Idempotent-Replayed"] = "true"
                    return replayed
                found = method(self, request, parsed, **ids) if body else method(self, request, **ids)
                _insist_on_audit(work)
                encoded = msgspec.json.encode(found)
                if claim is not None:
                    idempotency.keep(claim, status=status, body=encoded)
            return _encoded(status, encoded)

        return handler

    return decorate


def _insist_on_audit(work: Work) -> None:
    if not work.has_read and not work.pending.get("audit"):
        raise NothingRecorded


def _caller(actor: Actor) -> str:
    """A vendor is one caller, whichever of its keys it shows, so that a retry across a rotation is still a retry."""
    return "vendor" if actor.kind == "key" else f"address:{actor.address}"


def _encoded(status: int, body: bytes) -> HttpResponse:
    return HttpResponse(body, status=status, content_type="application/json")


def _body_of(request: HttpRequest) -> bytes:
    # The front door has kept back what is far too large.
    if "HTTP_X_BODY_LEFT_OUT" in request.META:
        raise errors.BodyTooLarge
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_BODY_BYTES:
        _drain(request)
        raise errors.BodyTooLarge
    body = request.body
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity")
    if body and (request.content_type != "application/json" or encoding != "identity"):
        raise errors.UnsupportedMedia
    return body


def _drain(request: HttpRequest) -> None:
    """Read what is still coming, so that the client is there for the answer; the front door bounds how much that is."""
    while request.read(64 * 1024):
        pass


def _idempotency_key(request: Request) -> str | None:
    if request.method != "POST":
        return None
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY or "\x00" in key:
        raise Invalid.field("Idempotency-Key", f"This must have 1 to {LONGEST_KEY} characters.")
    return str(key)
