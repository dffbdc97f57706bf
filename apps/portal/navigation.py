"""What the frame of a page shows: the sections that the person's roles open, and where they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from django.http import HttpRequest
from django.urls import reverse

from apps.accounts.models import Membership
from apps.core.actor import Actor
from apps.handoffs import tray as handoffs
from apps.tenants.context import is_at_work

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
SECTIONS = (
    Section("Today", "portal:today", "today", "t", CLINICAL),
    Section("Crisis desk", "crisis:desk", "crisis", "d", CLINICAL),
    Section("Handoffs", "handoffs:inbox", "handoff", "h", CLINICAL, handoffs.waiting),
    Section("Caseload", "portal:caseload", "people", "c", CLINICAL),
)


def for_page(request: HttpRequest) -> Mapping[str, object]:
    actor: Actor | None = getattr(request, "actor", None)
    sections = [section for section in SECTIONS if actor and section.roles & actor.roles]
    return {
        "actor": actor,
        "workplace": getattr(request, "workplace", None),
        "sections": [
            {"section": each, "is_current": request.path == each.url, "waiting": partial(_waiting, each, actor)}
            for each in sections
        ],
    }


def _waiting(section: Section, actor: Actor | None) -> int:
    """Counted only where the frame is drawn, and inside the work of the page: a refusal is answered outside of one."""
    return section.waiting(actor) if actor and section.waiting and is_at_work() else 0
