"""Where someone's day begins, by what they are."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts.models import Membership
from apps.accounts.pages import PortalRequest, page
from apps.core.actor import Actor
from apps.portal.navigation import sections_of


def home_of(actor: Actor) -> str:
    """The first section that is open to them, or a page that says what else there is."""
    sections = sections_of(actor)
    return sections[0].url if sections else reverse("portal:home")


@page(roles=Membership.Role.values, protected=False)
def home(request: PortalRequest) -> HttpResponse:
    if sections_of(request.actor):
        return redirect(home_of(request.actor))
    return render(request, "portal/home.html", {"roles": sorted(request.actor.roles)})


@page(roles=Membership.Role.values, protected=False)
def shortcuts(request: PortalRequest) -> HttpResponse:
    return render(request, "portal/shortcuts.html")
