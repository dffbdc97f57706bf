"""The staff of an organisation: everyone with their roles, one person's page, invitations, the end of someone's work."""

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts import invitations
from apps.accounts.models import Invitation
from apps.accounts.pages import PortalRequest, page
from apps.accounts.staff import Colleague, colleagues, one_of, set_supervisor
from apps.members import staffing
from apps.members.workload import Load, Standing, loads, standing_of
from apps.notes.models import Note
from apps.portal.navigation import ADMIN
from apps.portal.organisation.forms import EndForm, InvitationForm, RolesForm, SupervisorForm, clinicians, done
from apps.portal.organisation.leave import Absence, absences


@dataclass(frozen=True, slots=True)
class Line:
    """Someone on the list; `absence` is their present leave."""

    colleague: Colleague
    load: Load
    absence: Absence | None


@page(roles=ADMIN, protected=False)
def staff(request: PortalRequest) -> HttpResponse:
    treated, away = loads(request.actor), _away(absences(request.actor))
    lines = [
        Line(each, treated.get(each.user.id, Load()), away.get(each.user.id)) for each in colleagues(request.actor)
    ]
    invited = Invitation.objects.visible_to(request.actor).unanswered().order_by("-sent_at", "-id")
    return render(request, "organisation/staff.html", {"lines": lines, "invitations": list(invited)})


def _away(found: list[Absence]) -> dict[uuid.UUID, Absence]:
    return {absence.leave.clinician_id: absence for absence in found if absence.leave.has_begun()}


@page("GET", "POST", roles=ADMIN, protected=False)
def invite(request: PortalRequest) -> HttpResponse:
    form = InvitationForm(request.POST if request.method == "POST" else None, request.workplace.id)
    if form.is_valid() and done(form, lambda: invitations.invite(**form.cleaned_data)):
        messages.success(request, "The invitation is on its way. The link in it works once, for seven days.")
        return redirect("organisation:staff")
    return render(request, "organisation/invite.html", {"form": form}, status=422 if form.is_bound else 200)


@page("POST", roles=ADMIN, protected=False)
def resend(request: PortalRequest, invitation_id: uuid.UUID) -> HttpResponse:
    invitations.resend(invitation_id=invitation_id)
    messages.success(request, "The invitation is on its way again. Its earlier link opens nothing any more.")
    return redirect("organisation:staff")


@page("POST", roles=ADMIN, protected=False)
def revoke(request: PortalRequest, invitation_id: uuid.UUID) -> HttpResponse:
    invitations.revoke(invitation_id=invitation_id)
    messages.success(request, "The invitation is withdrawn.")
    return redirect("organisation:staff")


@page(roles=ADMIN, protected=False)
def person(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    return _person(request, user_id)


@page("POST", roles=ADMIN, protected=False)
def roles(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    form = RolesForm(request.POST, request.workplace.id)
    if form.is_valid() and done(form, lambda: staffing.change_roles(user_id=user_id, roles=form.cleaned_data["roles"])):
        messages.success(request, "The roles are changed, from their next page on.")
        return redirect("organisation:person", user_id)
    return _person(request, user_id, roles_form=form)


@page("POST", roles=ADMIN, protected=False)
def supervisor(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    form = SupervisorForm(request.POST, [each.user for each in colleagues(request.actor) if each.is_supervisor])
    if form.is_valid() and done(
        form, lambda: set_supervisor(user_id=user_id, supervisor_id=form.cleaned_data["supervisor"])
    ):
        messages.success(request, "The supervisor is changed.")
        return redirect("organisation:person", user_id)
    return _person(request, user_id, supervisor_form=form)


def _person(
    request: PortalRequest,
    user_id: uuid.UUID,
    *,
    roles_form: RolesForm | None = None,
    supervisor_form: SupervisorForm | None = None,
) -> HttpResponse:
    everyone = colleagues(request.actor)
    shown = one_of(everyone, user_id)
    standing = standing_of(user_id)
    supervisors = [each.user for each in everyone if each.is_supervisor and each.user.id != user_id]
    context = {
        "shown": shown,
        "standing": standing,
        "absences": [absence for absence in absences(request.actor) if absence.leave.clinician_id == user_id],
        "roles_form": roles_form or RolesForm(None, request.workplace.id, shown.roles),
        "supervisor_form": supervisor_form or SupervisorForm(None, supervisors, shown.supervisor),
        "why_not_end": staffing.why_not_end_work(standing, is_succeeded=True),
    }
    status = 422 if roles_form or supervisor_form else 200
    return render(request, "organisation/person.html", context, status=status)


@page("GET", "POST", roles=ADMIN, protected=False)
def end(request: PortalRequest, user_id: uuid.UUID) -> HttpResponse:
    everyone = colleagues(request.actor)
    leaving, successors = one_of(everyone, user_id), clinicians(everyone, user_id)
    standing = standing_of(user_id)
    form = EndForm(request.POST if request.method == "POST" else None, successors, treats=standing.load.members > 0)
    if form.is_valid() and done(
        form,
        lambda: staffing.end_work(user_id=user_id, successor_id=form.cleaned_data.get("clinician")),
    ):
        messages.success(request, f"{leaving.user.name} does not work here any more.")
        return redirect("organisation:staff")
    return _ending(request, leaving, standing, form)


def _ending(request: PortalRequest, leaving: Colleague, standing: Standing, form: EndForm) -> HttpResponse:
    unsigned = Note.objects.visible_to(request.actor).unsigned().filter(author__id=str(leaving.user.id)).count()
    context = {
        "shown": leaving,
        "standing": standing,
        "unsigned": unsigned,
        "form": form,
        "why_not": staffing.why_not_end_work(standing, is_succeeded=True),
    }
    return render(request, "organisation/end.html", context, status=422 if form.is_bound else 200)
