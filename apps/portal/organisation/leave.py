"""Leave of clinicians: who is and will be away, who covers, and the forms that change it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.errors import LeaveNotFound
from apps.accounts.models import Cover, Leave
from apps.accounts.pages import PortalRequest, page
from apps.accounts.staff import colleagues
from apps.core.actor import Actor
from apps.members import leave as verbs
from apps.portal.navigation import ADMIN
from apps.portal.organisation.forms import CoverForm, LeaveForm, done


@dataclass(frozen=True, slots=True)
class Absence:
    """A leave that is not over, and who covers it, one after the other."""

    leave: Leave
    covers: Sequence[Cover]


def absences(actor: Actor) -> list[Absence]:
    """Present and coming leave, the soonest first. Two statements."""
    leaves = list(Leave.objects.visible_to(actor).not_over().select_related("clinician").defer("clinician__password"))
    covers = Cover.objects.filter(tenant_id=actor.tenant_id, clinician_id__in=[leave.clinician_id for leave in leaves])
    found = list(covers.not_over().select_related("covered_by").defer("covered_by__password")) if leaves else []
    return [Absence(leave, [cover for cover in found if _is_of(cover, leave)]) for leave in leaves]


def _is_of(cover: Cover, leave: Leave) -> bool:
    begins_in_time = leave.ends_at is None or cover.starts_at < leave.ends_at
    ends_in_time = cover.ends_at is None or cover.ends_at > leave.starts_at
    return cover.clinician_id == leave.clinician_id and begins_in_time and ends_in_time


@page(roles=ADMIN, protected=False)
def leave(request: PortalRequest) -> HttpResponse:
    return render(request, "organisation/leave.html", {"absences": absences(request.actor)})


@page("GET", "POST", roles=ADMIN, protected=False)
def plan(request: PortalRequest) -> HttpResponse:
    chosen = request.GET.get("clinician", "")
    form = LeaveForm(
        request.POST if request.method == "POST" else None,
        colleagues(request.actor),
        request.workplace.timezone,
        chosen,
    )
    if form.is_valid() and done(form, lambda: verbs.plan_leave(**form.wanted)):
        messages.success(request, "The leave is planned.")
        return redirect("organisation:leave")
    return render(request, "organisation/leave_plan.html", {"form": form}, status=422 if form.is_bound else 200)


@page("GET", "POST", roles=ADMIN, protected=False)
def cover(request: PortalRequest, leave_id: uuid.UUID) -> HttpResponse:
    absence = _absence(request.actor, leave_id)
    staff = colleagues(request.actor)
    form = CoverForm(request.POST if request.method == "POST" else None, staff, absence.leave.clinician_id)
    if form.is_valid() and done(
        form, lambda: verbs.change_cover(leave_id=leave_id, covered_by_id=form.cleaned_data["covered_by"])
    ):
        messages.success(request, "The cover is changed.")
        return redirect("organisation:leave")
    context = {"form": form, "absence": absence}
    return render(request, "organisation/leave_cover.html", context, status=422 if form.is_bound else 200)


@page("POST", roles=ADMIN, protected=False)
def end(request: PortalRequest, leave_id: uuid.UUID) -> HttpResponse:
    """By its own button alone: a cover that ended cannot be taken back."""
    _absence(request.actor, leave_id)
    if "confirmed" in request.POST:
        had_begun = verbs.end_leave(leave_id=leave_id)
        said = "They are back, and their cover has ended." if had_begun else "The leave is withdrawn."
        messages.success(request, said)
    return redirect("organisation:leave")


def _absence(actor: Actor, leave_id: uuid.UUID) -> Absence:
    found = next((absence for absence in absences(actor) if absence.leave.id == leave_id), None)
    if found is None:
        raise LeaveNotFound
    return found
