"""Find: members, pages and acts by a few typed words, for the palette and as a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.accounts.models import Membership
from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.core.actor import Actor
from apps.members.models import Assignment
from apps.members.policies import by_reason
from apps.portal.navigation import sections_of

MOST_MEMBERS = 6
LONGEST = 200
# Of how many of those found the acts are offered as well.
MOST_TO_ACT_ON = 3


@dataclass(frozen=True, slots=True)
class Entry:
    title: str
    url: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    entries: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do on a member. Whoever types one of `words` before the name is offered this alone."""

    title: str
    route: str
    words: tuple[str, ...]

    def on(self, member: Assignment) -> Entry:
        return Entry(f"{self.title} {member.called}", reverse(self.route, args=[member.person_id]))


# Offered with everyone who is found.
ACTS = (
    Act("New note for", "notes:choose", ("note", "new", "write")),
    Act("Administer a measure to", "assessments:choose", ("measure", "administer", "score")),
    Act("Raise a crisis flag on", "crisis:raise", ("flag", "raise")),
    Act("Hand off", "handoffs:compose", ("hand", "handoff", "transfer")),
)
# Offered to whoever asks: `plan quill`.
PAGES_OF_MEMBER = (
    Act("Timeline of", "portal:timeline", ("timeline",)),
    Act("All notes of", "notes:list", ("notes",)),
    Act("Measures of", "assessments:list", ("measures", "scores")),
    Act("Care context of", "care_context:read", ("care", "context", "goals")),
    Act("Safety plan of", "care_context:safety_plan", ("safety", "plan")),
    Act("Handoffs of", "handoffs:of_member", ("handoffs",)),
)
ACCOUNT = (
    ("Change workplace", "portal:workplaces", "workplace organisation sandbox"),
    ("Second factor", "mfa_index", "second factor passkey totp recovery codes security"),
    ("Change password", "account_change_password", "change password security"),
    ("Where I am signed in", "usersessions_list", "sessions signed in devices security"),
    ("Keyboard shortcuts", "portal:shortcuts", "keyboard shortcuts help keys"),
)


@page(roles=Membership.Role.values)
def find(request: PortalRequest) -> HttpResponse:
    text = request.GET.get("q", "")[:LONGEST].strip()
    members, asked_for = _members(request.actor, text)
    for reason, rows in by_reason(request.actor, [(member, member.id) for member in members]).items():
        audit.record("member.searched", rows=rows, reason=reason)
    offered = [act.on(member) for member in members[:MOST_TO_ACT_ON] for act in asked_for or ACTS]
    people = [] if asked_for else [_chart_of(member) for member in members]
    named = (Group("Members", people), Group("Actions", offered), Group("Pages", list(_pages(request.actor, text))))
    groups = [group for group in named if group.entries]
    context = {"text": text, "groups": groups, "count": sum(len(group.entries) for group in groups)}
    return render(request, "portal/find.html#found" if request.htmx else "portal/find.html", context)


def _members(actor: Actor, text: str) -> tuple[list[Assignment], Sequence[Act]]:
    """Who is meant, and what is asked for where something is: `note quill` is a new note for Quill."""
    if not text or not CLINICAL & actor.roles:
        return [], ()
    first, _, rest = text.partition(" ")
    asked_for = [act for act in (*ACTS, *PAGES_OF_MEMBER) if first.lower() in act.words]
    if asked_for and rest:
        return _called(actor, rest), asked_for
    return _called(actor, text), ()


def _called(actor: Actor, text: str) -> list[Assignment]:
    found = Assignment.objects.visible_to(actor).found_by(actor.tenant_id, text)
    return list(found.order_by("-assigned_at", "-id")[:MOST_MEMBERS])


def _chart_of(member: Assignment) -> Entry:
    url = reverse("portal:chart", args=[member.person_id])
    return Entry(member.called, url, f"{member.get_risk_level_display()} risk")


def _pages(actor: Actor, text: str) -> Iterator[Entry]:
    """Sections that the person's roles open, and the pages of their own account; by any part of any word."""
    words = text.lower().split()
    for section in sections_of(actor):
        if all(word in section.title.lower() for word in words):
            yield Entry(section.title, section.url, f"g {section.keys}")
    for title, route, known_as in ACCOUNT:
        if words and all(word in f"{title.lower()} {known_as}" for word in words):
            yield Entry(title, reverse(route), "Your account")
