"""An administrator's home: what needs doing, and who is away."""

from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.pages import PortalRequest, page
from apps.portal.navigation import ADMIN
from apps.portal.organisation.concerns import concerns_of
from apps.portal.organisation.leave import absences


@page(roles=ADMIN, protected=False)
def home(request: PortalRequest) -> HttpResponse:
    present = [absence for absence in absences(request.actor) if absence.leave.has_begun()]
    return render(request, "organisation/home.html", {"concerns": concerns_of(request.actor), "absences": present})


@page(roles=ADMIN, protected=False, counts_as_sign_of_life=False)
def concerns(request: PortalRequest) -> HttpResponse:
    """The list alone, which an open home asks for by itself."""
    return render(request, "organisation/home.html#concerns", {"concerns": concerns_of(request.actor)})
