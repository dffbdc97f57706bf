"""The decorator that every page of the portal wears: who is asking, from which workplace, in which role.

A page opens one transaction as its actor, in the tenant of the workplace, and is rendered inside it. What it shows or
changes it must record; a page without protected data says so (`protected=False`). Refusals of the domain become answers
for people: a page, or a notice where htmx asked for a part of one.
"""

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import update_wrapper
from typing import Concatenate, Literal, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from apps.accounts import second_factor, sign_in
from apps.accounts.models import Membership, User
from apps.accounts.sign_in import SEEN
from apps.core.actor import Actor
from apps.core.database import run
from apps.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from apps.doors.addresses import client_address
from apps.doors.tracing import request_id_of
from apps.tenants.context import acting_as

WHO = "SELECT * FROM accounts_who(%s, %s)"
WORKPLACE = "workplace"
# A session's row is written anew this often at most.
SEEN_EVERY_SECONDS = 30
Role = Membership.Role
CLINICAL = frozenset({Role.CLINICIAN, Role.SUPERVISOR})
STAFF = frozenset({Role.CLINICIAN, Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR})
STATUSES: tuple[tuple[type[DomainError], int], ...] = (
    (NotFound, 404),
    (Forbidden, 403),
    (Invalid, 422),
    (Conflict, 409),
)


@dataclass(frozen=True, slots=True)
class Workplace:
    """The tenant that someone works in now. `timezone` is the tenant's IANA zone, in which the pages show times."""

    id: uuid.UUID
    name: str
    timezone: str
    is_sandbox: bool


class PortalRequest(HttpRequest):
    """A request of someone who is signed in and has a workplace."""

    actor: Actor
    workplace: Workplace
    htmx: HtmxDetails


@dataclass(frozen=True, slots=True)
class Opened:
    """What `page` opened a view to."""

    methods: tuple[str, ...]
    roles: frozenset[str]
    protected: bool


Hindrance = Literal["signed_out", "locked", "no_second_factor", "no_workplace"]
# By the decorated view. Whoever wants to know which pages there are, and for whom, asks here.
PAGES: dict[Callable[..., HttpResponse], Opened] = {}
type View[**P] = Callable[Concatenate[PortalRequest, P], HttpResponse]


def page[**P](
    *methods: str, roles: Iterable[str] = STAFF, protected: bool = True, counts_as_sign_of_life: bool = True
) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponse]]:
    """Open a view to people in one of `roles`, for `methods` (GET when none is named).

    Whoever is not signed in, idle for too long, without a second factor or without a workplace is sent to where they
    can mend that; an htmx request never receives such a page in place of its fragment.
    """
    allowed = methods or ("GET",)
    wanted = frozenset(roles)

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method not in allowed and not (request.method == "HEAD" and "GET" in allowed):
                return HttpResponseNotAllowed(allowed)
            if turned_away := _turn_away(request, counts_as_sign_of_life):
                return turned_away
            asked = cast(PortalRequest, request)
            if not wanted & asked.actor.roles:
                return refuse(asked, Forbidden(_not_for(wanted)))
            try:
                with acting_as(asked.actor, durable=request.method not in {"GET", "HEAD"}) as work:
                    response = view(asked, *args, **kwargs)
                    if protected and response.status_code == 200 and not (work.has_read or work.pending.get("audit")):
                        raise RuntimeError(f"{view.__module__}.{view.__qualname__} shows protected data unrecorded.")
                    response.headers[sign_in.LOCKS_IN] = str(sign_in.locks_in(request))
                    return response
            except DomainError as error:
                return refuse(asked, error)

        update_wrapper(opened, view)
        PAGES[opened] = Opened(tuple(allowed), wanted, protected)
        return opened

    return decorate


def hindrance(request: HttpRequest) -> Hindrance | None:
    """What keeps a request from the pages; where nothing does, it has an actor and a workplace from here on."""
    if not request.user.is_authenticated:
        return "signed_out"
    if sign_in.is_locked(request):
        return "locked"
    if second_factor.is_missing(request):
        return "no_second_factor"
    return None if take_place(request) else "no_workplace"


def _turn_away(request: HttpRequest, counts: bool) -> HttpResponse | None:
    match hindrance(request):
        case "signed_out":
            return _elsewhere(request, redirect_to_login(request.get_full_path()).url)
        case "locked":
            return _locked(request)
        case "no_second_factor":
            return _elsewhere(request, reverse("mfa_index"))
        case "no_workplace":
            return _elsewhere(request, redirect_to_login(request.get_full_path(), reverse("portal:enter")).url)
    if counts:
        _note_sign_of_life(request)
    return None


def take_place(request: HttpRequest) -> bool:
    """Put actor and workplace on the request, as they stand in the database now; false where there is none."""
    chosen = request.session.get(WORKPLACE)
    rows = run([(WHO, (cast(User, request.user).id, chosen))])[0] if chosen else []
    if not rows:
        return False
    name, roles, tenant_name, _, timezone, is_sandbox, _, reach, opened = rows[0]
    asked = cast(PortalRequest, request)
    asked.workplace = Workplace(uuid.UUID(chosen), tenant_name, timezone, is_sandbox)
    asked.actor = Actor(
        kind="person",
        id=cast(User, request.user).id,
        name=name,
        tenant_id=asked.workplace.id,
        roles=frozenset(roles),
        request_id=request_id_of(request),
        address=client_address(request),
        door="portal",
        reach=frozenset(reach),
        opened=frozenset(opened),
    )
    return True


def _note_sign_of_life(request: HttpRequest) -> None:
    if time.time() - float(request.session.get(SEEN, 0)) > SEEN_EVERY_SECONDS:
        sign_in.note_sign_of_life(request)


def _locked(request: HttpRequest) -> HttpResponse:
    """Nothing of the page: its own script, or the lock page where there is none, asks for the password."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=423, headers={"HX-Reswap": "none", "HX-Trigger": "locked"})
    response = redirect_to_login(request.get_full_path(), reverse("portal:unlock"))
    return HttpResponseRedirect(response.url)


def _elsewhere(request: HttpRequest, url: str) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)


def refuse(request: PortalRequest, error: DomainError) -> HttpResponse:
    """The domain's no, in words: a page of its own, or a notice over the page that asked."""
    status = next((status for kind, status in STATUSES if isinstance(error, kind)), 409)
    context = {"status": status, "message": error.message, "fields": error.fields}
    if request.headers.get("HX-Request"):
        response = render(request, "portal/refused.html#notice", context, status=status)
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reselect"] = ".notice"
        response.headers["HX-Reswap"] = "beforeend"
        return response
    return render(request, "portal/refused.html", context, status=status)


def _not_for(roles: frozenset[str]) -> str:
    names = sorted(Role(role).label.lower() for role in roles)
    return f"This page is for people who work as {' or '.join(names)}. Ask your administrator if you need it."
