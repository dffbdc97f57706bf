"""The request log in the browser: what was asked with the tenant's keys, newest first, and what was answered."""

import re
import uuid
from dataclasses import dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.pages import PortalRequest, page
from apps.audit import recording as audit
from apps.keys import request_log
from apps.keys.models import APIKey
from apps.keys.request_log import Entry, LogAway, Noted
from apps.keys.views import ADMINS
from apps.keys.worlds import World, worlds

PAGE = 50
CLASSES = {"": "Any status", "2": "2xx: done", "4": "4xx: refused", "429": "429: over the limit", "5": "5xx: failed"}


class Wish(forms.Form):
    """Which of the requests. What makes no sense is left out."""

    world = forms.ChoiceField(required=False, label="World")
    key = forms.UUIDField(required=False, label="Key", widget=forms.Select)
    status = forms.ChoiceField(choices=list(CLASSES.items()), required=False, label="Status")
    path = forms.CharField(max_length=200, required=False, label="Path contains")

    def matches(self, entry: Entry) -> bool:
        asked = self.cleaned_data
        key, status, path = asked.get("key"), asked.get("status") or "", asked.get("path") or ""
        return (key is None or entry.key_id == key) and str(entry.status).startswith(status) and path in entry.path


@dataclass(frozen=True, slots=True)
class Line:
    """A request, with its key where that is still known."""

    noted: Noted
    key: APIKey | None

    @property
    def level(self) -> str:
        return {2: "low", 3: "low", 4: "moderate"}.get(self.noted.entry.status // 100, "critical")


@page(roles=ADMINS)
def requests(request: PortalRequest) -> HttpResponse:
    open_worlds = {world.name: world for world in worlds()}
    world = open_worlds.get(request.GET.get("world", "")) or next(iter(open_worlds.values()))
    with world.entered():
        keys = {key.id: key for key in APIKey.objects.of_tenant(world.tenant_id).newest_first()}
        audit.record("requests.read", rows=[world.tenant_id], reason="administration")
    wish = _wish(request, open_worlds, keys)
    context: dict[str, object] = {"wish": wish, "world": world, "kept": _kept(request), "most": request_log.KEPT}
    try:
        found = request_log.newest_first(
            world.tenant_id, wish.matches, before=_cursor(request.GET.get("before", "")), count=PAGE + 1
        )
    except LogAway:
        return render(request, _template(request), context | {"is_away": True})
    lines = [Line(noted, keys.get(noted.entry.key_id)) for noted in found[:PAGE]]
    older = lines[-1].noted.cursor if len(found) > PAGE else ""
    return render(request, _template(request), context | {"lines": lines, "older": older})


def _wish(request: PortalRequest, open_worlds: dict[str, World], keys: dict[uuid.UUID, APIKey]) -> Wish:
    wish = Wish(request.GET)
    wish.fields["world"].choices = [(name, name.capitalize()) for name in open_worlds]  # type: ignore[attr-defined]
    named = [(str(key.id), f"{key.name} ({key.shown}…)") for key in keys.values()]
    wish.fields["key"].widget.choices = [("", "Any key"), *named]
    wish.is_valid()
    return wish


def _template(request: PortalRequest) -> str:
    return "keys/requests.html#rows" if request.htmx.target == "rows" else "keys/requests.html"


def _kept(request: PortalRequest) -> str:
    kept = request.GET.copy()
    kept.pop("before", None)
    return kept.urlencode()


def _cursor(given: str) -> str | None:
    """A place in the stream, as an earlier page told it; never more than its two numbers hold."""
    return given if re.fullmatch(r"[0-9]{1,19}-[0-9]{1,19}", given) else None
