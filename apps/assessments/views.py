"""The pages of one member's measures: list, choose, administer, read. What is sent goes to the verb of the API.

Whoever does not see the member finds nothing here. A form that is refused, or that was sent before, keeps its answers.
"""

import uuid
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.assessments import actions
from apps.assessments.errors import AssessmentNotFound, NoSuchInstrument
from apps.assessments.following import CASENESS
from apps.assessments.forms import Around, CustomForm, SheetForm
from apps.assessments.instruments import INSTRUMENTS
from apps.assessments.models import CUSTOM, Assessment, AssessmentQuerySet
from apps.assessments.reading import HEIGHT, WIDTH, compare, due, read
from apps.audit import recording as audit
from apps.care_sessions.models import Session
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.crisis.policies import why_not_acknowledge
from apps.crisis.settings import settings_of
from apps.idempotency.errors import KeyReused
from apps.idempotency.once import once
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.members.policies import reason_to_read

PAGE = 25
SIDE_BY_SIDE = 6
SERIES = 12
SESSIONS = 10
USED = 200


@page(roles=CLINICAL)
def measures(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = _member(request, member_id)
    found = _of(request, member)
    latest = list(found.last_of_each_series(1))
    asked = _asked(request, found, latest, "series")
    shown = found.of_series(asked) if asked else found
    listed = Paginator(shown.order_by("-administered_at", "-id"), PAGE).get_page(request.GET.get("page"))
    readings = [read(each) for each in listed]
    _record(request, member, "assessment.listed", {each.id for each in (*listed, *latest)})
    context = {
        "member": member,
        "series": [read(each) for each in latest],
        "listed": listed,
        "readings": readings,
        "asked": read(asked) if asked else None,
        "compared": compare(readings[:SIDE_BY_SIDE]) if asked else None,
        "due": due(member, now()),
    }
    template = "assessments/list.html#rows" if request.htmx.target == "rows" else "assessments/list.html"
    return render(request, template, context)


@page(roles=CLINICAL)
def choose(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = _member(request, member_id)
    given = {(each.instrument, each.name): each for each in _of(request, member).last_of_each_series(1)}
    _record(request, member, "assessment.listed", {each.id for each in given.values()})
    instruments = [(each, given.get((each.code, ""))) for each in INSTRUMENTS.values()]
    context = {
        "member": member,
        "instruments": sorted(instruments, key=lambda pair: (pair[0].code not in CASENESS, pair[1] is None)),
        "custom": _custom(request),
        "due": due(member, now()),
    }
    return render(request, "assessments/choose.html", context)


@page("GET", "POST", roles=CLINICAL)
def administer(request: PortalRequest, member_id: uuid.UUID, instrument: str) -> HttpResponse:
    member = _member(request, member_id)
    if instrument not in INSTRUMENTS and instrument != CUSTOM:
        raise NoSuchInstrument
    around = _around(request, member)
    like = _like(request) if instrument == CUSTOM else None
    form, status, twice = _form(instrument, around, _sent(request), like), 200, False
    if form.is_bound:
        status = 422
        try:
            if assessment_id := _administered(request, member_id, instrument, form):
                return redirect(reverse("assessments:read", args=[member_id, assessment_id], query={"new": "1"}))
        except KeyReused:
            status, twice = 409, True
            form = _form(instrument, around, {**request.POST.dict(), "token": uuid.uuid4()}, like)
    reason = reason_to_read(request.actor, member)
    rows = [member.id, *(each.id for each in around.sessions), *([like.id] if like else [])]
    audit.record("member.read", rows=rows, member_id=member_id, reason=reason)
    context = {"member": member, "form": form, "twice": twice, "one_at_a_time": request.GET.get("pace") == "one"}
    template = "assessments/custom.html" if isinstance(form, CustomForm) else "assessments/administer.html"
    return render(request, template, context, status=status)


@page(roles=CLINICAL)
def read_one(request: PortalRequest, member_id: uuid.UUID, assessment_id: uuid.UUID) -> HttpResponse:
    member = _member(request, member_id)
    found = _of(request, member).select_related("crisis_flag", "session").filter(id=assessment_id).first()
    if found is None:
        raise AssessmentNotFound
    series = _of(request, member).of_series(found)
    newest = series.order_by("-administered_at", "-id").defer("answers", "item_flags")[:SERIES]
    others = [read(each) for each in newest]
    flag = found.crisis_flag
    rows = {found.id, *(each.assessment.id for each in others), *([flag.id] if flag else [])}
    _record(request, member, "assessment.read", rows)
    context = {
        "member": member,
        "reading": read(found),
        "series": others,
        "before": next((each for each in others if _is_before(each.assessment, found)), None),
        "flag": flag,
        "is_new": "new" in request.GET,
        "may_be_claimed": flag is not None and why_not_acknowledge(flag) is None,
        "settings": settings_of(request.actor.tenant_id) if flag and flag.resolved_at is None else None,
        "drawing": {"width": WIDTH, "height": HEIGHT},
    }
    return render(request, "assessments/read.html", context)


def _is_before(one: Assessment, other: Assessment) -> bool:
    return (one.administered_at, one.id) < (other.administered_at, other.id)


def _administered(
    request: PortalRequest, member_id: uuid.UUID, instrument: str, form: SheetForm | CustomForm
) -> uuid.UUID | None:
    """The id of what the form makes, or made; None when something is wrong with it, which it then says."""
    if not form.is_valid():
        return None
    sheet: dict[str, Any] = {"custom": form.custom} if isinstance(form, CustomForm) else {"answers": form.answers}
    make = partial(actions.administer, member_id=member_id, instrument=instrument, **sheet, **form.circumstances)
    try:
        return once(
            form.cleaned_data["token"],
            path=request.path,
            content={**sheet, **form.circumstances},
            make=lambda: make().id,
        )
    except Invalid as refused:
        form.refuse(refused.fields or {"": [refused.message]})
        return None


def _form(
    instrument: str, around: Around, data: Mapping[str, object] | None, like: Assessment | None
) -> SheetForm | CustomForm:
    if instrument == CUSTOM:
        return CustomForm(around, data, like)
    return SheetForm(INSTRUMENTS[instrument], around, data)


def _sent(request: PortalRequest) -> Mapping[str, object] | None:
    return request.POST if request.method == "POST" else None


def _around(request: PortalRequest, member: Assignment) -> Around:
    found = Session.objects.visible_to(request.actor).of_member(member.person_id).order_by("-started_at", "-id")
    sessions = list(found.defer("summary", "homework")[:SESSIONS])
    return Around(ZoneInfo(request.workplace.timezone), sessions, request.GET.get("session", ""))


def _custom(request: PortalRequest) -> list[Assessment]:
    """The last of each measure from elsewhere that was used in the person's reach, by name."""
    newest = _custom_in_reach(request).newest_first().defer("answers", "item_flags")[:USED]
    last = {each.name: each for each in reversed(newest)}
    return sorted(last.values(), key=lambda each: each.name.casefold())


def _like(request: PortalRequest) -> Assessment | None:
    """The measure from elsewhere that is to be scored once more."""
    return _asked(request, _custom_in_reach(request), (), "like")


def _custom_in_reach(request: PortalRequest) -> AssessmentQuerySet:
    members = Assignment.objects.visible_to(request.actor).values("person_id")
    return Assessment.objects.visible_to(request.actor).of_instrument(CUSTOM).filter(member_id__in=members)


def _asked(
    request: PortalRequest, found: AssessmentQuerySet, known: Sequence[Assessment], name: str
) -> Assessment | None:
    """The assessment that the address names by its id: a series is asked for by one of its own, so that no word of it
    stands in an address."""
    try:
        asked = uuid.UUID(request.GET.get(name, ""))
    except ValueError:
        return None
    return next((each for each in known if each.id == asked), None) or found.filter(id=asked).first()


def _of(request: PortalRequest, member: Assignment) -> AssessmentQuerySet:
    return Assessment.objects.visible_to(request.actor).of_member(member.person_id)


def _member(request: PortalRequest, member_id: uuid.UUID) -> Assignment:
    member = Assignment.objects.visible_to(request.actor).filter(person_id=member_id).first()
    if member is None:
        raise MemberNotFound
    return member


def _record(request: PortalRequest, member: Assignment, action: str, rows: set[uuid.UUID]) -> None:
    reason = reason_to_read(request.actor, member)
    audit.record(action, rows=sorted(rows), member_id=member.person_id, reason=reason)
