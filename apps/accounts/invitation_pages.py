"""Where the link of an invitation leads: out of the address at once, then to a form that takes it up.

The token stands in the address of the first request alone. The session keeps its digest, which opens nothing as a link.
"""

import uuid

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts import invitations
from apps.accounts.errors import InvitationOver
from apps.accounts.invitations import Offer
from apps.accounts.models import User
from apps.core.actor import Actor
from apps.core.errors import DomainError
from apps.core.ids import uuid7
from apps.doors.addresses import client_address
from apps.doors.tracing import request_id_of
from apps.tenants.context import acting_as

INVITATION = "invitation"


class NewAccountForm(forms.Form):
    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        max_length=1024, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


@require_GET
def arrive(request: HttpRequest, token: str) -> HttpResponse:
    digest = invitations.digest_of(token)
    if invitations.offer(digest) is None:
        response = _over(request)
    else:
        request.session[INVITATION] = digest.hex()
        response = redirect("accept_invitation")
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    digest = bytes.fromhex(request.session.get(INVITATION, ""))
    offer = invitations.offer(digest) if digest else None
    if offer is None:
        return _over(request)
    if offer.account is None:
        return _with_new_account(request, offer)
    return _with_own_account(request, offer, offer.account)


def _with_own_account(request: HttpRequest, offer: Offer, account: User) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("accept_invitation"))
    if request.method == "GET" or request.user != account:
        return _shown(request, offer, None)
    try:
        _accepted(request, offer, account.id)
    except DomainError as refused:
        return _refused(request, offer, None, refused)
    messages.success(request, f"You work at {offer.tenant.name} now.")
    return redirect("portal:enter")


def _with_new_account(request: HttpRequest, offer: Offer) -> HttpResponse:
    form = NewAccountForm(request.POST or None, initial={"name": offer.invitation.name})
    if request.method == "GET" or request.user.is_authenticated or not form.is_valid():
        return _shown(request, offer, form)
    try:
        _accepted(request, offer, uuid7(), **form.cleaned_data)
    except DomainError as refused:
        return _refused(request, offer, form, refused)
    messages.success(request, "Your account is ready. Sign in with the password that you have just chosen.")
    return redirect("account_login")


def _accepted(request: HttpRequest, offer: Offer, person_id: uuid.UUID, name: str = "", password: str = "") -> None:
    actor = Actor(
        kind="person",
        id=person_id,
        name=name or offer.invitation.name,
        tenant_id=offer.tenant.id,
        request_id=request_id_of(request),
        address=client_address(request),
        door="portal",
    )
    # The request's own transaction goes on after a refusal.
    with transaction.atomic(), acting_as(actor):
        invitations.accept(digest=bytes(offer.invitation.digest), name=name, password=password)
    request.session.pop(INVITATION, None)


def _shown(request: HttpRequest, offer: Offer, form: NewAccountForm | None, *, status: int = 0) -> HttpResponse:
    is_another = request.user.is_authenticated and request.user != offer.account
    status = status or (422 if form and form.errors else 200)
    context = {"offer": offer, "form": form, "is_another": is_another}
    return render(request, "accounts/invitation.html", context, status=status)


def _refused(request: HttpRequest, offer: Offer, form: NewAccountForm | None, refused: DomainError) -> HttpResponse:
    if isinstance(refused, InvitationOver):
        return _over(request)
    if form is not None:
        for field, reasons in refused.fields.items() or [(None, [refused.message])]:
            for reason in reasons:
                form.add_error(field, reason)
    return _shown(request, offer, form, status=422)


def _over(request: HttpRequest) -> HttpResponse:
    request.session.pop(INVITATION, None)
    return render(request, "accounts/invitation_over.html", {"message": InvitationOver().message}, status=404)
