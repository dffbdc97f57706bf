"""The pages of one member's sessions: list, read, plan, log, and the acts on a planned one.

Whoever does not see the member finds nothing here. A form that is refused keeps what was typed.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.care_sessions import actions, planning, policies
from apps.care_sessions.errors import SessionNotFound, WrongSessionState
from apps.care_sessions.forms import LogForm, PlanForm, ReportForm, TimedForm
from apps.care_sessions.models import Session
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.idempotency.errors import KeyReused
from apps.idempotency.once import once
from apps.members.models import Assignment
from apps.members.policies import reason_to_read

PAGE = 25
MOST_PLANNED = 50
TWICE = "That day clocks show this time twice; the first of the two was taken."


@dataclass(frozen=True, slots=True)
class Acts:
    """Why each act on a session may not be done at `moment`; None where it may."""

    session: Session
    moment: datetime

    @property
    def why_not_start(self) -> str | None:
        return policies.why_not_start(self.session, self.moment)

    @property
    def why_not_complete(self) -> str | None:
        return policies.why_not_complete(self.session, self.moment)

    @property
    def why_not_reschedule(self) -> str | None:
        return policies.why_not_reschedule(self.session)

    @property
    def why_not_cancel(self) -> str | None:
        return policies.why_not_cancel(self.session)

    @property
    def why_not_no_show(self) -> str | None:
        return policies.why_not_no_show(self.session, self.moment)

    @property
    def is_late(self) -> bool:
        """Its time has passed and nobody said what became of it."""
        return not self.session.begun_at and (self.session.ended_at or self.session.started_at) < self.moment


@dataclass(frozen=True, slots=True)
class Act:
    """A button: the verb that it calls, whether a session is as it leaves it, and what is told then."""

    verb: Callable[..., Session]
    is_done: Callable[[Session], bool]
    told: str


@page(roles=CLINICAL)
def sessions(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = Assignment.objects.visible_to(request.actor).require(member_id)
    found = Session.objects.visible_to(request.actor).of_member(member_id).defer("summary", "homework")
    planned = list(found.planned().order_by("started_at", "id")[:MOST_PLANNED])
    over = Paginator(found.over().latest_first(), PAGE).get_page(request.GET.get("page"))
    rows = [session.id for session in (*planned, *over)]
    audit.record("session.listed", rows=rows, member_id=member_id, reason=reason_to_read(request.actor, member))
    moment = now()
    context = {"member": member, "planned": [Acts(session, moment) for session in planned], "over": over}
    template = "care_sessions/list.html#rows" if request.htmx.target == "rows" else "care_sessions/list.html"
    return render(request, template, context)


@page(roles=CLINICAL)
def read(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    member, session = _session(request, member_id, session_id)
    notes = list(session.notes.readable(request.actor, member).newest_first().defer("content"))
    rows = [session.id, *(note.id for note in notes)]
    audit.record("session.read", rows=rows, member_id=member_id, reason=reason_to_read(request.actor, member))
    context = {"member": member, "session": session, "notes": notes, "acts": Acts(session, now())}
    return render(request, "care_sessions/read.html", context)


@page("GET", "POST", roles=CLINICAL)
def schedule(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = Assignment.objects.visible_to(request.actor).require(member_id)
    form = PlanForm(_sent(request), zone=_zone(request))
    make = partial(_made, request, form, lambda: planning.schedule(member_id=member_id, **form.kind, **form.times))
    return _answered(request, member, form, "schedule", make, "Planned.")


@page("GET", "POST", roles=CLINICAL)
def log(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = Assignment.objects.visible_to(request.actor).require(member_id)
    form = LogForm(_sent(request), zone=_zone(request))
    make = partial(_made, request, form, lambda: _logged(request, member_id, form))
    return _answered(request, member, form, "log", make, "Logged.")


def _logged(request: PortalRequest, member_id: uuid.UUID, form: LogForm) -> Session:
    if faults := policies.why_not_over(**form.times, moment=now()):
        raise Invalid("Some fields are not valid.", fields=faults)
    actor = request.actor
    return actions.log(
        member_id=member_id, clinician_id=actor.id, clinician_name=actor.name, **form.kind, **form.report
    )


@page("GET", "POST", roles=CLINICAL)
def reschedule(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    member, session = _session(request, member_id, session_id)
    if request.method != "POST":
        _refuse(policies.why_not_reschedule(session))
    form = TimedForm.of(session, zone=_zone(request), data=_sent(request))
    make = partial(_made, request, form, lambda: planning.reschedule(session_id=session_id, **form.times))
    return _answered(request, member, form, "reschedule", make, "Moved.", session)


@page("GET", "POST", roles=CLINICAL)
def complete(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    member, session = _session(request, member_id, session_id)
    moment = now()
    if request.method != "POST":
        _refuse(policies.why_not_complete(session, moment))
    ran = int((moment - session.begun_at).total_seconds() // 60) if session.begun_at else 0
    form = ReportForm.of(session, zone=_zone(request), data=_sent(request), **({"minutes": ran} if ran else {}))
    make = partial(_made, request, form, lambda: planning.complete(session_id=session_id, **form.report))
    return _answered(request, member, form, "complete", make, "Completed.", session)


@page("POST", roles=CLINICAL, protected=False)
def start(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    act = Act(planning.start, lambda session: session.begun_at is not None, "Started. Complete it when it is over.")
    return _done(request, member_id, session_id, act)


@page("POST", roles=CLINICAL, protected=False)
def cancel(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    act = Act(planning.cancel, lambda session: session.status == Session.Status.CANCELLED, "Cancelled.")
    return _done(request, member_id, session_id, act)


@page("POST", roles=CLINICAL, protected=False)
def no_show(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID) -> HttpResponse:
    act = Act(planning.no_show, lambda session: session.status == Session.Status.NO_SHOW, "Kept as a no-show.")
    return _done(request, member_id, session_id, act)


def _done(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID, act: Act) -> HttpResponse:
    """On to the session; a button that was pressed twice has done its act once."""
    _session(request, member_id, session_id)
    try:
        act.verb(session_id=session_id)
    except WrongSessionState:
        if not act.is_done(_session(request, member_id, session_id)[1]):
            raise
    messages.success(request, act.told)
    return redirect("care_sessions:read", member_id, session_id)


def _made(request: PortalRequest, form: TimedForm, verb: Callable[[], Session]) -> uuid.UUID | None:
    """The id of the session that the form makes or changes, or did; None when something is wrong with the form."""
    if not form.is_valid():
        return None
    sent = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    try:
        return once(form.cleaned_data["token"], path=request.path, content=sent, make=lambda: verb().id)
    except Invalid as refused:
        form.refuse(refused.fields or {"": [refused.message]})
        return None


def _answered(
    request: PortalRequest,
    member: Assignment,
    form: TimedForm,
    act: str,
    make: Callable[[], uuid.UUID | None],
    told: str,
    session: Session | None = None,
) -> HttpResponse:
    """On to the session where the form was sent and is well, else the form with what was typed."""
    status, twice, refused = 200, False, ""
    if form.is_bound:
        status = 422
        try:
            if made := make():
                messages.success(request, f"{told} {TWICE}" if form.is_twice else told)
                return redirect("care_sessions:read", member.person_id, made)
        except KeyReused:
            status, twice = 409, True
            form.data = {**request.POST.dict(), "token": str(uuid.uuid4())}
        except WrongSessionState as error:
            status, refused = 409, error.message
    rows = [session.id] if session else [member.id]
    audit.record(
        "session.read" if session else "member.read",
        rows=rows,
        member_id=member.person_id,
        reason=reason_to_read(request.actor, member),
    )
    context: dict[str, object] = {"member": member, "session": session, "form": form, "act": act}
    context |= {"twice": twice, "refused": refused}
    return render(request, "care_sessions/form.html", context, status=status)


def _session(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID) -> tuple[Assignment, Session]:
    member = Assignment.objects.visible_to(request.actor).require(member_id)
    session = Session.objects.visible_to(request.actor).of_member(member_id).filter(id=session_id).first()
    if session is None:
        raise SessionNotFound
    return member, session


def _refuse(reason: str | None) -> None:
    if reason:
        raise WrongSessionState(reason)


def _sent(request: PortalRequest) -> dict[str, object] | None:
    return dict(request.POST.items()) if request.method == "POST" else None


def _zone(request: PortalRequest) -> ZoneInfo:
    return ZoneInfo(request.workplace.timezone)
