"""The pages of one member's care context and safety plan: read, change, look back, compare, review.

Whoever does not see the member finds nothing here. What someone typed is on the page again whatever refused it, and
what someone else saved meanwhile stands beside it.
"""

import uuid
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.pages import CLINICAL, PortalRequest, Role, page
from apps.audit import recording as audit
from apps.care_context import actions, differences, policies
from apps.care_context.errors import NoPlan, NoSuchPart, StaleCareContext, StaleContacts, VersionNotFound
from apps.care_context.forms import FORMS, ComparisonForm, ContactsForm, PartForm, PlanForm, ReviewForm
from apps.care_context.models import (
    CareContext,
    CareContextVersion,
    CareContextVersionQuerySet,
    Content,
    SafetyPlanReview,
    empty_content,
)
from apps.care_context.wording import parts_of, plan_entries
from apps.core.clock import now
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.tenants.models import TenantOwned

PAGE = 25
PLAN = PlanForm.part
# Not the ids of the form that edits the plan: htmx keeps attributes of what has the same id on both pages.
REVIEW_ID = "review_%s"


@page(roles=CLINICAL)
def read(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = _member(request, member_id)
    context = actions.context_of(member)
    _record(request, member, "care_context.read", [context])
    shown = {"member": member, "context": context, "parts": parts_of(context.content)}
    return render(request, "care_context/read.html", shown)


@page("GET", "POST", roles=CLINICAL)
def edit(request: PortalRequest, member_id: uuid.UUID, part: str) -> HttpResponse:
    member = _member(request, member_id)
    kind = FORMS.get(part)
    if kind is None:
        raise NoSuchPart
    if refusal := policies.why_not_update(request.actor):
        raise refusal
    if request.method != "POST":
        context = actions.context_of(member)
        return _editing(request, member, kind.of(context), context)
    if wish := request.POST.get("do"):
        return _editing(request, member, kind.rearranged(request.POST, wish), actions.context_of(member))
    form = kind.sent(request.POST)
    if not form.is_valid():
        return _editing(request, member, form, actions.context_of(member), status=422)
    try:
        messages.success(request, _saved(member, form))
    except StaleCareContext:
        return _beside(request, member, form)
    return redirect("care_context:safety_plan" if part == PLAN else "care_context:read", member_id)


def _saved(member: Assignment, form: PartForm) -> str:
    """What was done, in words. A form that says what is there already, as one that is sent twice, makes no version."""
    member_id, context = member.person_id, actions.context_of(member)
    content = form.applied_to(context.content)
    told = "It says so already; nothing was changed."
    if content != context.content:
        context = actions.update(member_id=member_id, version=form.cleaned_data["version"], **content)
        told = f"Saved as version {context.version}."
    if reviewed_on := form.cleaned_data.get("reviewed_on"):
        actions.review_plan(member_id=member_id, plan_version=context.plan_version, reviewed_on=reviewed_on)
        told += " The review with the member is noted."
    return told


def _beside(request: PortalRequest, member: Assignment, form: PartForm) -> HttpResponse:
    """The form as it was typed, ready to be saved over the current version, beside that one and what changed in it."""
    context = actions.context_of(member)
    sent = form.cleaned_data["version"]
    read_at = _contents(_kept(request, member).filter(version=sent)).get(sent)
    changed = differences.between(read_at, context.content, form.part) if read_at else []
    theirs = next(part for part in parts_of(context.content) if part.code == form.part)
    more = {"theirs": theirs, "changed": changed}
    return _editing(request, member, form.at_version(context.version), context, status=409, **more)


def _editing(
    request: PortalRequest,
    member: Assignment,
    form: PartForm,
    context: CareContext,
    *,
    status: int = 200,
    **more: object,
) -> HttpResponse:
    _record(request, member, "care_context.read", [context])
    shown = {"member": member, "form": form, "context": context, **more}
    return render(request, "care_context/edit.html", shown, status=status)


@page(roles=CLINICAL)
def safety_plan(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    return _plan(request, _member(request, member_id))


@page("POST", roles=CLINICAL)
def review_plan(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = _member(request, member_id)
    form = ReviewForm(request.POST, label_suffix="", auto_id=REVIEW_ID)
    if not form.is_valid():
        return _plan(request, member, form, status=422)
    actions.review_plan(member_id=member_id, **form.cleaned_data)
    messages.success(request, "The review with the member is noted.")
    return redirect("care_context:safety_plan", member_id)


def _plan(
    request: PortalRequest, member: Assignment, form: ReviewForm | None = None, *, status: int = 200
) -> HttpResponse:
    context = actions.context_of(member)
    review = _last_review(request, member)
    today = now().astimezone(ZoneInfo(request.workplace.timezone)).date()
    unsent = ReviewForm(
        label_suffix="", auto_id=REVIEW_ID, initial={"plan_version": context.plan_version, "reviewed_on": today}
    )
    seen_to = policies.last_seen_to(context, review)
    _record(request, member, "safety_plan.read", [context, *([review] if review else [])])
    shown = {
        "member": member,
        "context": context,
        "steps": plan_entries(context.content),
        "review": review,
        "seen_to": seen_to,
        "is_old": policies.is_old(seen_to),
        "old_after": policies.PLAN_IS_OLD_AFTER.days,
        "form": form or unsent,
        "contacts": actions.current_contacts(),
    }
    return render(request, "care_context/safety_plan.html", shown, status=status)


@page(roles=CLINICAL)
def print_plan(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    """The plan as it stands now, for the member to take along; an older one is not for handing out."""
    member = _member(request, member_id)
    context = actions.context_of(member)
    if not context.has_plan():
        raise NoPlan
    review = _last_review(request, member)
    _record(request, member, "safety_plan.printed", [context])
    shown = {
        "member": member,
        "context": context,
        "steps": [step for step in plan_entries(context.content) if step.lines],
        "review": review,
        "contacts": actions.current_contacts(),
    }
    return render(request, "care_context/print_plan.html", shown)


@page(roles=CLINICAL)
def versions(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    """All versions, or with `?only=safety_plan` those that changed the plan."""
    member = _member(request, member_id)
    only = _only(request)
    found = _kept(request, member).newest_first().defer("snapshot")
    listed = Paginator(found.touching(PLAN) if only else found, PAGE).get_page(request.GET.get("page"))
    _record(request, member, "care_context.versions_listed", listed)
    return render(request, "care_context/versions.html", {"member": member, "versions": listed, "only": only})


@page(roles=CLINICAL)
def version(request: PortalRequest, member_id: uuid.UUID, number: int) -> HttpResponse:
    member = _member(request, member_id)
    kept = _kept(request, member).filter(version=number).first()
    if kept is None:
        raise VersionNotFound
    _record(request, member, "care_context.version_read", [kept])
    only = _only(request)
    parts = [part for part in parts_of(kept.content) if only in ("", part.code)]
    return render(request, "care_context/version.html", {"member": member, "kept": kept, "parts": parts, "only": only})


@page(roles=CLINICAL)
def compare(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    """What differs between `?older=` and `?newer=`; without them, between the last two versions."""
    member = _member(request, member_id)
    every = list(_kept(request, member).newest_first().defer("snapshot"))
    asked = ComparisonForm(request.GET)
    if asked.is_valid():
        older, newer = sorted(asked.cleaned_data.values())
    else:
        newer = every[0].version if every else 0
        older = max(newer - 1, 0)
    kept = list(_kept(request, member).filter(version__in=[older, newer]))
    contents = _contents(kept)
    if {older, newer} - contents.keys():
        raise VersionNotFound
    _record(request, member, "care_context.compared", kept)
    only = _only(request)
    shown = {
        "member": member,
        "versions": every,
        "older": older,
        "newer": newer,
        "pair": sorted(kept, key=lambda each: each.version),
        "differences": differences.between(contents[older], contents[newer], only or None),
        "only": only,
    }
    return render(request, "care_context/compare.html", shown)


def _last_review(request: PortalRequest, member: Assignment) -> SafetyPlanReview | None:
    reviews = SafetyPlanReview.objects.visible_to(request.actor).of_member(member.person_id)
    return reviews.latest_first().first()


@page("GET", "POST", roles={Role.ADMIN}, protected=False)
def contacts(request: PortalRequest) -> HttpResponse:
    if request.method != "POST":
        found = actions.current_contacts()
        initial = {"contacts": found.lines, "version": found.version}
        return _contacts_page(request, ContactsForm(label_suffix="", initial=initial))
    if wish := request.POST.get("do"):
        return _contacts_page(request, ContactsForm.rearranged(request.POST, wish))
    form = ContactsForm.sent(request.POST)
    if not form.is_valid():
        return _contacts_page(request, form, status=422)
    lines = form.cleaned_data["contacts"]
    try:
        if lines != actions.current_contacts().lines:
            actions.change_contacts(version=form.cleaned_data["version"], lines=lines)
    except StaleContacts:
        theirs = actions.current_contacts()
        changed = list(differences.of_lines(lines, theirs.lines, differences.Effort()))
        return _contacts_page(request, form.at_version(theirs.version), status=409, theirs={"lines": changed})
    messages.success(request, "Saved. They stand on every safety plan that is printed from now on.")
    return redirect("care_context:contacts")


def _contacts_page(request: PortalRequest, form: ContactsForm, *, status: int = 200, **more: object) -> HttpResponse:
    context = {"form": form, "found": actions.current_contacts(), **more}
    return render(request, "care_context/contacts.html", context, status=status)


def _contents(kept: Iterable[CareContextVersion]) -> dict[int, Content]:
    """What each says, by its number; with the empty one that comes before the first."""
    return {0: empty_content(), **{each.version: each.content for each in kept}}


def _kept(request: PortalRequest, member: Assignment) -> CareContextVersionQuerySet:
    return CareContextVersion.objects.visible_to(request.actor).of_member(member.person_id)


def _only(request: PortalRequest) -> str:
    return PLAN if request.GET.get("only") == PLAN else ""


def _member(request: PortalRequest, member_id: uuid.UUID) -> Assignment:
    member = Assignment.objects.visible_to(request.actor).filter(person_id=member_id).first()
    if member is None:
        raise MemberNotFound
    return member


def _record(request: PortalRequest, member: Assignment, action: str, read: Iterable[TenantOwned]) -> None:
    """What was read of the member; an empty care context that was never saved is no row."""
    rows = [each.id for each in read if not each._state.adding]
    audit.record(action, rows=rows, member_id=member.person_id, reason=reason_to_read(request.actor, member))
