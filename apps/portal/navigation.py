"""What the frame of a page shows: the sections that the person's roles open, and where they are."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.accounts import sign_in
from apps.accounts.models import Membership
from apps.accounts.pages import PortalRequest, page
from apps.core.actor import Actor
from apps.handoffs import tray as handoffs
from apps.notes.cosigning_views import waiting_for
from apps.portal import appearance

Role = Membership.Role


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the navigation. `keys` is the shortcut: `g` and then this letter; `waiting` counts what waits there."""

    title: str
    route: str
    icon: str
    keys: str
    roles: frozenset[str]
    waiting: Callable[[Actor], int] | None = None

    @property
    def url(self) -> str:
        return reverse(self.route)


CLINICAL = frozenset({Role.CLINICIAN, Role.SUPERVISOR})
SUPERVISOR = frozenset({Role.SUPERVISOR})
ADMIN = frozenset({Role.ADMIN})
SECTIONS = (
    Section("Today", "portal:today", "today", "t", CLINICAL),
    Section("Crisis desk", "crisis:desk", "crisis", "d", CLINICAL),
    Section("Handoffs", "handoffs:inbox", "handoff", "h", CLINICAL, handoffs.waiting),
    Section("Caseload", "portal:caseload", "people", "c", CLINICAL),
    Section("To co-sign", "note_work:to_cosign", "sign", "n", SUPERVISOR, waiting_for),
    Section("Organisation", "organisation:home", "organisation", "i", ADMIN),
    Section("Staff", "organisation:staff", "staff", "s", ADMIN),
    Section("Leave", "organisation:leave", "leave", "v", ADMIN),
    Section("Assignments", "organisation:assignments", "assign", "a", ADMIN),
    Section("API keys", "keys:keys", "keys", "k", ADMIN),
    Section("Outcomes", "portal:outcomes", "outcomes", "o", ADMIN | SUPERVISOR),
    Section("Audit", "portal:audit", "audit", "u", ADMIN | {Role.AUDITOR}),
    Section("Co-signing", "note_work:cosigning", "sign", "g", ADMIN),
    Section("Crisis contacts", "care_context:contacts", "crisis", "p", ADMIN),
    Section("Crisis settings", "crisis:settings", "crisis", "w", ADMIN),
)


def sections_of(actor: Actor) -> list[Section]:
    return [section for section in SECTIONS if section.roles & actor.roles]


def for_page(request: HttpRequest) -> Mapping[str, object]:
    actor: Actor | None = getattr(request, "actor", None)
    sections = sections_of(actor) if actor else []
    return {
        "actor": actor,
        "workplace": getattr(request, "workplace", None),
        "sections": [
            {"section": each, "is_current": request.path == each.url, "counts": each.waiting is not None}
            for each in sections
        ],
        "theme": appearance.theme_of(request),
        "themes": appearance.THEMES,
        "rendered_at": int(time.time() * 1000),
        "locks_in": sign_in.locks_in(request) if actor else None,
    }


@page(roles=Role, protected=False, counts_as_sign_of_life=False)
def waiting(request: PortalRequest) -> HttpResponse:
    """How much waits in each section, into the frame of a page that stands already: a page's own statements are few."""
    counted = [
        {"section": section, "number": section.waiting(request.actor)}
        for section in sections_of(request.actor)
        if section.waiting
    ]
    return render(request, "portal/waiting.html", {"counted": counted})
