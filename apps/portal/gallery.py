"""The gallery: every component in every state, for those who build pages. There only where `DEBUG` is on."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.models import Membership
from apps.accounts.pages import PortalRequest, page
from apps.core.clock import now
from apps.core.errors import NotFound
from apps.portal import scores

TOKENS = ("paper", "surface", "sunken", "line", "line-strong", "ink", "ink-soft", "accent", "accent-wash",
          "critical", "high", "moderate", "low")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """What a score chart reads of an assessment."""

    score: float
    administered_at: Any
    change: float | None
    reliable_change: bool
    severity: str
    min_score: float = 0
    max_score: float = 27
    instrument: str = "phq9"
    name: str = ""


class Specimen(forms.Form):
    name = forms.CharField(help_text="As it stands in the passport.")
    words = forms.CharField(widget=forms.Textarea)
    choice = forms.ChoiceField(choices=[("a", "The first"), ("b", "The second")])


@page(roles=Membership.Role.values, protected=False)
def components(request: PortalRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise NotFound("There is nothing at this address, or it is not yours to see.")
    moment = now()
    context = {
        "levels": ("critical", "high", "moderate", "low"),
        "tokens": TOKENS,
        "form": Specimen({"name": "Ada Quill", "choice": "a"}),
        "rows": [("Ada Quill", "Low", "2 d ago"), ("Bo Ito", "High", "3 h ago")],
        "heads": ("Name", "Risk", "Last session"),
        "soon": moment + timedelta(minutes=12, seconds=30),
        "passed": moment - timedelta(hours=1, minutes=3),
        "pages": Paginator(range(100), 10).page(2),
        "each": _series(),
        "drawing": {"width": scores.WIDTH, "height": scores.HEIGHT},
    }
    return render(request, "portal/components.html", context)


def _series() -> scores.Series:
    told: list[Any] = [
        Score(19, now() - timedelta(weeks=8), None, False, "moderately_severe"),
        Score(13, now() - timedelta(weeks=4), -6, True, "moderate"),
        Score(9, now(), -4, False, "mild"),
    ]
    return scores.series_of(told)[0]
