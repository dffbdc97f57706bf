"""The lock: asked for, put off by a sign of life, and opened again in place with what the account signs in with.

Behind it nothing answers but with 423, whatever a page does to what covers it.
"""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts import second_factor, sign_in
from apps.accounts.models import Membership, User
from apps.accounts.pages import PortalRequest, page
from apps.portal.ways import back, onward


@page("POST", roles=Membership.Role.values, protected=False)
def alive(request: PortalRequest) -> HttpResponse:
    """The person is there although the page asks for nothing; the answer's headers say until when that holds."""
    sign_in.note_sign_of_life(request)
    return HttpResponse(status=204)


@login_required
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Lock now, in every tab of this session."""
    sign_in.lock(request)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": "locked"})
    return redirect(reverse("portal:unlock", query={"next": back(request)}))


@login_required
@sensitive_post_parameters("password", "code", "credential")
@require_http_methods(["GET", "POST"])
def unlock(request: HttpRequest) -> HttpResponse:
    """Password and second factor again; what was typed on the locked page is still there."""
    user = cast(User, request.user)
    with transaction.atomic():
        sign_in.open_own(user.id)
        refused = _why_not(request, user) if request.method == "POST" else ""
        if request.method == "POST" and not refused:
            return _unlocked(request)
        context = {"refused": refused, "next": onward(request), "factors": second_factor.asked_of(user)}
    status = 422 if refused else 200
    template = "portal/unlock.html#form" if request.headers.get("HX-Request") else "portal/unlock.html"
    return render(request, template, context, status=status)


def _why_not(request: HttpRequest, user: User) -> str:
    return sign_in.why_not_unlock(request, request.POST.get("password", "")) or second_factor.why_not_shown(
        user, request.POST.get("code", ""), request.POST.get("credential", "")
    )


def _unlocked(request: HttpRequest) -> HttpResponse:
    sign_in.note_sign_of_life(request)
    if request.headers.get("HX-Request"):
        headers = {"HX-Trigger": "unlocked", sign_in.LOCKS_IN: str(sign_in.locks_in(request))}
        return HttpResponse(headers=headers)
    return HttpResponseRedirect(onward(request) or reverse("portal:home"))
