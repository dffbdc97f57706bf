"""The keys of a vendor and its sandbox: made, shown once, rotated, revoked; and what was asked with them."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.models import Membership
from apps.accounts.pages import PortalRequest, page
from apps.core.errors import Invalid
from apps.keys import actions, showing
from apps.keys.errors import KeyMadeAlready
from apps.keys.forms import KeyForm, RotationForm
from apps.keys.models import APIKey
from apps.keys.worlds import World, in_world_of, worlds

ADMINS = frozenset({Membership.Role.ADMIN})


@page(roles=ADMINS, protected=False)
def keys(request: PortalRequest) -> HttpResponse:
    found: list[tuple[World, APIKey]] = []
    for world in worlds():
        with world.entered():
            found += [(world, key) for key in APIKey.objects.of_tenant(world.tenant_id).newest_first()]
    return render(request, "keys/keys.html", {"lines": showing.lines(found)})


@page("GET", "POST", roles=ADMINS, protected=False)
def new(request: PortalRequest) -> HttpResponse:
    open_worlds = {world.name: world for world in worlds()}
    form = KeyForm(
        request.POST if request.method == "POST" else None, worlds=open_worlds, zone=request.workplace.timezone
    )
    if not form.is_valid():
        return _form(request, form)
    try:
        with open_worlds[form.cleaned_data["world"]].entered():
            key, presented = actions.issue(
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at(),
                networks=[network for _, network in form.networks_by_line()],
                made_by_id=request.actor.id,
                key_id=form.cleaned_data["token"],
            )
    except Invalid as error:
        form.add_faults(error.fields)
        return _form(request, form)
    except KeyMadeAlready:
        return _made_already(request, form.cleaned_data["token"])
    return _show_once(request, key, presented)


def _form(request: PortalRequest, form: KeyForm) -> HttpResponse:
    return render(request, "keys/new.html", {"form": form}, status=422 if form.is_bound else 200)


def _made_already(request: PortalRequest, key_id: uuid.UUID) -> HttpResponse:
    return render(request, "keys/made_already.html", {"key_id": key_id}, status=409)


def _show_once(request: PortalRequest, key: APIKey, presented: str, *, old: APIKey | None = None) -> HttpResponse:
    """The one answer that holds the key; the next request for it finds the form used."""
    call = showing.first_call(key, presented)
    context = {"key": key, "presented": presented, "call": call, "old": old}
    response = render(request, "keys/shown.html", context)
    response.headers["Cache-Control"] = "no-store, private"
    return response


@page(roles=ADMINS, protected=False)
def one(request: PortalRequest, key_id: uuid.UUID) -> HttpResponse:
    with in_world_of(key_id) as (world, key):
        callers = showing.callers_of(key)
        replaces = APIKey.objects.filter(replaced_by=key).first()
    (line,) = showing.lines([(world, key)])
    context = {"line": line, "callers": callers, "replaces": replaces, "form": RotationForm()}
    return render(request, "keys/key.html", context)


@page("POST", roles=ADMINS, protected=False)
def rotate(request: PortalRequest, key_id: uuid.UUID) -> HttpResponse:
    form = RotationForm(request.POST)
    with in_world_of(key_id) as (_, old):
        if not form.is_valid():
            raise Invalid(
                "Choose how long the old key lives on.",
                fields={"overlap": [str(fault) for fault in form.errors["overlap"]]},
            )
        key, presented = actions.rotate(key_id=key_id, overlap=form.cleaned_data["overlap"], by_id=request.actor.id)
        old.refresh_from_db(fields=["expires_at"])
    return _show_once(request, key, presented, old=old)


@page("GET", "POST", roles=ADMINS, protected=False)
def revoke(request: PortalRequest, key_id: uuid.UUID) -> HttpResponse:
    """A page that asks, and then the deed. Revoking once more changes nothing."""
    with in_world_of(key_id) as (world, key):
        if request.method == "POST":
            actions.revoke(key_id=key_id, by_id=request.actor.id)
            messages.success(request, f"“{key.name}” is revoked: its next request is refused.")
            return redirect("keys:keys")
        callers = showing.callers_of(key)
    (line,) = showing.lines([(world, key)])
    return render(request, "keys/revoke.html", {"line": line, "callers": callers})
