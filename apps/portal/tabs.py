"""The pages of one member, as tabs over each of them."""

import uuid
from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

# The code that a page names itself by, its title and its route; a route that is not there yet has no tab.
PAGES = (
    ("overview", "Overview", "portal:chart"),
    ("timeline", "Timeline", "portal:timeline"),
    ("sessions", "Sessions", "care_sessions:list"),
    ("notes", "Notes", "notes:list"),
    ("measures", "Measures", "assessments:list"),
    ("care_context", "Care context", "care_context:read"),
    ("safety_plan", "Safety plan", "care_context:safety_plan"),
    ("crisis", "Crisis", "crisis:of_member"),
    ("handoffs", "Handoffs", "handoffs:of_member"),
    ("lookers", "Who has looked", "portal:lookers"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    code: str
    title: str
    url: str


def tabs_of(member_id: uuid.UUID) -> list[Tab]:
    return [Tab(code, title, url) for code, title, route in PAGES if (url := _address(route, member_id))]


def _address(route: str, member_id: uuid.UUID) -> str:
    try:
        return reverse(route, args=[member_id])
    except NoReverseMatch:
        return ""
