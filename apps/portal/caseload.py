"""The caseload: the members whom the person treats or covers."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.members.models import Assignment

PAGE = 25


@page(roles=CLINICAL)
def caseload(request: PortalRequest) -> HttpResponse:
    found = Assignment.objects.visible_to(request.actor).order_by("-assigned_at", "-id")
    members = Paginator(found, PAGE).get_page(request.GET.get("page"))
    audit.record("member.listed", rows=[member.id for member in members])
    template = "portal/caseload.html#rows" if request.htmx.target == "rows" else "portal/caseload.html"
    return render(request, template, {"members": members})
