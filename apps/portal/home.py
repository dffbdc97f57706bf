"""Where someone's day begins, by what they are."""

from django.urls import reverse

from apps.core.actor import Actor
from apps.portal.navigation import SECTIONS


def home_of(actor: Actor) -> str:
    """The first section that is open to them."""
    first = next((section for section in SECTIONS if section.roles & actor.roles), None)
    return first.url if first else reverse("portal:workplaces")
