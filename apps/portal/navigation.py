"""What the frame of a page shows: the sections that the person's roles open, and where they are."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from apps.accounts.models import Membership

Role = Membership.Role


@dataclass(frozen=True, slots=True)
class Section:
    """One entry of the navigation. `keys` is the shortcut: `g` and then this letter."""

    title: str
    route: str
    icon: str
    keys: str
    roles: frozenset[str]

    @property
    def url(self) -> str:
        return reverse(self.route)


CLINICAL = frozenset({Role.CLINICIAN, Role.SUPERVISOR})
SECTIONS = (
    Section("Today", "portal:today", "today", "t", CLINICAL),
    Section("Crisis desk", "crisis:desk", "crisis", "d", CLINICAL),
    Section("Caseload", "portal:caseload", "people", "c", CLINICAL),
)


def for_page(request: HttpRequest) -> Mapping[str, object]:
    actor = getattr(request, "actor", None)
    sections = [section for section in SECTIONS if actor and section.roles & actor.roles]
    return {
        "actor": actor,
        "workplace": getattr(request, "workplace", None),
        "sections": [{"section": each, "is_current": request.path == each.url} for each in sections],
    }
