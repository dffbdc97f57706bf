"""Who treats whom: the load of each clinician, whom nobody treats, and the form that gives members to another.

The lists show names, for a person is chosen by name, and are recorded as read for administration.
"""

import uuid
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.pages import PortalRequest, page
from apps.accounts.staff import Colleague, colleagues, one_of
from apps.audit import recording as audit
from apps.members.models import Assignment, AssignmentQuerySet
from apps.members.transfers import assign_clinician, transfer_all
from apps.members.workload import Load, loads
from apps.portal.navigation import ADMIN
from apps.portal.organisation.forms import GiveForm, clinicians, done
from apps.portal.organisation.leave import absences

PAGE = 50


class Wish(forms.Form):
    q = forms.CharField(max_length=200, required=False, label="Name, email or id")


@dataclass(frozen=True, slots=True)
class Line:
    """One clinician and how much they carry."""

    colleague: Colleague
    load: Load
    is_away: bool


@page("GET", "POST", roles=ADMIN)
def assignments(request: PortalRequest) -> HttpResponse:
    """Everyone's load, and the members whom nobody treats."""
    staff = colleagues(request.actor)
    form = _given(request, staff, None)
    if isinstance(form, HttpResponse):
        return form
    treated = loads(request.actor)
    away = {absence.leave.clinician_id for absence in absences(request.actor) if absence.leave.has_begun()}
    lines = [Line(each, treated.get(each.user.id, Load()), each.user.id in away) for each in staff if each.is_clinician]
    nobody = sum(
        (load for who, load in treated.items() if who not in {line.colleague.user.id for line in lines}), Load()
    )
    found = Assignment.objects.administered_by(request.actor).without_clinician()
    context = {"lines": lines, "nobody": nobody}
    return _listed(request, "organisation/assignments.html", found, form, context)


@page("GET", "POST", roles=ADMIN)
def of_clinician(request: PortalRequest, clinician_id: uuid.UUID) -> HttpResponse:
    """Whom one clinician treats."""
    staff = colleagues(request.actor)
    shown = one_of(staff, clinician_id)
    form = _given(request, staff, clinician_id)
    if isinstance(form, HttpResponse):
        return form
    found = Assignment.objects.administered_by(request.actor).filter(primary_clinician_id=clinician_id)
    return _listed(request, "organisation/assignments_of.html", found, form, {"shown": shown})


def _given(request: PortalRequest, staff: list[Colleague], of: uuid.UUID | None) -> GiveForm | HttpResponse:
    """The form, or where it leads once the members are given."""
    form = GiveForm(request.POST if request.method == "POST" else None, clinicians(staff, of))
    if not form.is_valid():
        return form
    given: list[int] = []

    def give() -> None:
        to: uuid.UUID = form.cleaned_data["clinician"]
        if of and form.cleaned_data["everyone"]:
            given.append(transfer_all(clinician_id=of, to_clinician_id=to))
        else:
            given.append(assign_clinician(member_ids=form.cleaned_data["member"], clinician_id=to))

    if not done(form, give):
        return form
    to = next(each.user.name for each in staff if each.user.id == form.cleaned_data["clinician"])
    messages.success(request, f"{given[0]} {'member is' if given[0] == 1 else 'members are'} given to {to}.")
    return redirect(request.path)


def _listed(
    request: PortalRequest, template: str, found: AssignmentQuerySet, form: GiveForm, context: dict[str, object]
) -> HttpResponse:
    wish = Wish(request.GET)
    text = wish.cleaned_data["q"].strip() if wish.is_valid() else ""
    if text:
        found = found.found_by(request.workplace.id, text)
    members = Paginator(found.order_by("-assigned_at", "-id"), PAGE).get_page(request.GET.get("page"))
    action = "member.searched" if text else "member.listed"
    audit.record(action, rows=[member.id for member in members], reason="administration")
    kept = request.GET.copy()
    kept.pop("page", None)
    status = 422 if form.is_bound else 200
    shown = {**context, "members": members, "form": form, "wish": wish, "asked": text, "kept": kept.urlencode()}
    return render(request, template, shown, status=status)
