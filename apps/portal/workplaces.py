"""Into a workplace after sign-in, and from one to another."""

import time
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.accounts import actions as accounts
from apps.accounts import second_factor
from apps.accounts.models import User
from apps.accounts.pages import WORKPLACE, PortalRequest, take_place
from apps.accounts.sign_in import SEEN
from apps.audit import recording as audit
from apps.portal.home import home_of
from apps.portal.ways import onward
from apps.tenants.context import acting_as


def signed_in(request: HttpRequest) -> User:
    return cast(User, request.user)


@login_required
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Go to work where one works; asks when that is more than one place and none was named."""
    if second_factor.is_missing(request):
        return redirect("mfa_index")
    places = accounts.workplaces_of(signed_in(request).id)
    wanted = request.POST.get("workplace", "")
    chosen = next((place for place in places if str(place.tenant_id) == wanted), None)
    live = [place for place in places if not place.is_sandbox]
    if chosen is None and len(live) == 1:
        chosen = live[0]
    if chosen is None:
        return redirect(reverse("portal:workplaces", query={"next": onward(request)}))
    request.session[WORKPLACE] = str(chosen.tenant_id)
    request.session[SEEN] = int(time.time())
    return _arrived(request)


def _arrived(request: HttpRequest) -> HttpResponse:
    if not take_place(request):
        return redirect("portal:workplaces")
    asked = cast(PortalRequest, request)
    with acting_as(asked.actor):
        audit.record("account.entered", rows=[asked.actor.id], reason="sign_in")
    return HttpResponseRedirect(onward(request) or home_of(asked.actor))


@login_required
@require_http_methods(["GET"])
def workplaces(request: HttpRequest) -> HttpResponse:
    places = accounts.workplaces_of(signed_in(request).id)
    return render(request, "portal/workplaces.html", {"places": places, "next": onward(request)})
