"""The pages of one member's notes: list, read, write, revise, sign, addend. Each button calls the verb of the API.

Whoever does not see the member finds nothing here. What someone typed is on the page again whatever refused it.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import msgspec
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.care_sessions.errors import SessionNotFound
from apps.care_sessions.models import Session
from apps.idempotency import actions as idempotency
from apps.idempotency.errors import KeyReused
from apps.idempotency.models import FirstAnswer
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.notes import actions, digests, drafts, policies
from apps.notes.errors import NoSuchType, NoteIsSigned, NoteNotFound, StaleNote
from apps.notes.forms import AddendumForm, NoteForm, SignForm, label_of
from apps.notes.models import Note, name_of_type, sections_of

PAGE = 25
SESSIONS = 50


@dataclass(frozen=True, slots=True)
class Passage:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A note as it is read: checked against its signature, in the order of its sections."""

    note: Note
    passages: list[Passage]


@page(roles=CLINICAL)
def notes(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = _member(request, member_id)
    found = Note.objects.readable(request.actor, member).select_related("session").newest_first()
    listed = Paginator(found, PAGE).get_page(request.GET.get("page"))
    audit.record(
        "note.listed",
        rows=[note.id for note in listed],
        member_id=member_id,
        reason=reason_to_read(request.actor, member),
    )
    template = "notes/list.html#rows" if request.htmx.target == "rows" else "notes/list.html"
    return render(request, template, {"member": member, "notes": listed})


@page(roles=CLINICAL)
def read(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = _note(request, member_id, note_id)
    addenda = list(
        Note.objects.readable(request.actor, member).filter(addendum_to_id=note_id).with_signatures().oldest_first()
    )
    audit.record(
        "note.read",
        rows=[note.id, *(each.id for each in addenda)],
        member_id=member_id,
        reason=reason_to_read(request.actor, member),
    )
    context = {"member": member, "shown": _show(note), "addenda": [_show(each) for each in addenda]}
    return render(request, "notes/read.html", context)


@page(roles=CLINICAL)
def choose(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = _member(request, member_id)
    found = Session.objects.visible_to(request.actor).of_member(member_id).order_by("-started_at", "-id")
    sessions = list(found[:SESSIONS])
    asked = next((each for each in sessions if str(each.id) == request.GET.get("session")), None)
    if asked and request.GET.get("note_type") in Note.Type.values:
        return redirect("notes:write", member_id, asked.id, request.GET["note_type"])
    audit.record(
        "session.listed",
        rows=[each.id for each in sessions],
        member_id=member_id,
        reason=reason_to_read(request.actor, member),
    )
    context = {"member": member, "sessions": sessions, "asked": asked, "types": Note.Type.choices}
    return render(request, "notes/choose.html", context)


@page("GET", "POST", roles=CLINICAL)
def write(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID, note_type: str) -> HttpResponse:
    member, session = _session(request, member_id, session_id)
    place = _place(session, note_type)
    if request.POST.get("do") == "discard":
        return _discarded(request, place)
    kept = None if request.method == "POST" else drafts.kept(place)
    form = NoteForm(
        note_type, request.POST if request.method == "POST" else None, content=kept.content if kept else None
    )
    status, twice = (422 if form.is_bound else 200), False
    if form.is_bound and form.is_valid():
        make = partial(actions.write, session_id=session_id, note_type=note_type, content=form.content)
        try:
            note_id = _once(request, form.cleaned_data["token"], form.content, make)
        except KeyReused:
            status, twice = 409, True
            form = NoteForm(note_type, _with_new_token(request))
        else:
            drafts.forget(place)
            messages.success(request, "Draft saved.")
            return redirect("notes:read", member_id, note_id)
    audit.record("session.read", rows=[session.id], member_id=member_id, reason=reason_to_read(request.actor, member))
    context = {"member": member, "session": session, "note_label": name_of_type(note_type), "form": form}
    return render(request, "notes/write.html", {**context, "twice": twice, "kept": kept}, status=status)


@page("POST", roles=CLINICAL, protected=False)
def keep_new(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID, note_type: str) -> HttpResponse:
    """What was typed so far; what comes in after the form itself was saved is let go."""
    place = _place(_session(request, member_id, session_id)[1], note_type)
    form = NoteForm(note_type, request.POST)
    if form.is_valid() and _was_sent(request, form.cleaned_data["token"]):
        return HttpResponse(status=204)
    return _kept(request, place, form)


@page("GET", "POST", roles=CLINICAL)
def revise(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = _note(request, member_id, note_id)
    if request.POST.get("do") == "discard":
        return _discarded(request, drafts.form_of(note))
    if request.method == "POST":
        return _revised(request, member, note, NoteForm(note.note_type, request.POST))
    if refusal := policies.why_not_revise(request.actor, note, note.version):
        raise refusal
    saved, kept = digests.words(note), drafts.kept(drafts.form_of(note))
    if kept and kept.content == saved:
        kept = None
    theirs = _show(note) if kept and kept.version != note.version else None
    form = NoteForm(note.note_type, content=kept.content if kept else saved, version=note.version)
    audit.record("note.read", rows=[note.id], member_id=member_id, reason=reason_to_read(request.actor, member))
    context = {"member": member, "note": note, "form": form, "kept": kept, "theirs": theirs}
    return render(request, "notes/revise.html", context)


def _revised(request: PortalRequest, member: Assignment, note: Note, form: NoteForm) -> HttpResponse:
    status, theirs = 422, None
    if form.is_valid():
        try:
            actions.revise(note_id=note.id, version=form.cleaned_data["version"] or 0, content=form.content)
        except (StaleNote, NoteIsSigned):
            status = 409
            note = _note(request, member.person_id, note.id)[1]
            theirs = _show(note)
            form = NoteForm(note.note_type, {**request.POST.dict(), "version": note.version})
        else:
            drafts.forget(drafts.form_of(note))
            messages.success(request, "Draft saved.")
            return redirect("notes:read", member.person_id, note.id)
    audit.record("note.read", rows=[note.id], member_id=member.person_id, reason=reason_to_read(request.actor, member))
    context = {"member": member, "note": note, "form": form, "theirs": theirs}
    return render(request, "notes/revise.html", context, status=status)


@page("POST", roles=CLINICAL, protected=False)
def keep_revision(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    _, note = _note(request, member_id, note_id)
    if refusal := policies.why_not_revise(request.actor, note, note.version):
        raise refusal
    return _kept(request, drafts.form_of(note), NoteForm(note.note_type, request.POST))


def _kept(request: PortalRequest, place: drafts.Form, form: NoteForm) -> HttpResponse:
    if not form.is_valid():
        return render(request, "notes/kept.html", status=422)
    draft = drafts.keep(place, content=form.content, version=form.cleaned_data["version"])
    return render(request, "notes/kept.html", {"kept": draft})


def _discarded(request: PortalRequest, place: drafts.Form) -> HttpResponse:
    drafts.forget(place)
    messages.success(request, "What was kept is gone.")
    return redirect(request.path)


def _place(session: Session, note_type: str) -> drafts.Form:
    if note_type not in Note.Type.values:
        raise NoSuchType
    return drafts.Form(session.id, note_type)


@page("GET", "POST", roles=CLINICAL)
def sign(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = _note(request, member_id, note_id)
    sent = request.POST if request.method == "POST" else None
    form = SignForm(sent, label_suffix="", initial={"version": note.version})
    if form.is_bound and form.is_valid():
        actions.sign(note_id=note_id, version=form.cleaned_data["version"])
        drafts.forget(drafts.form_of(note))
        messages.success(request, "Signed.")
        return redirect("notes:read", member_id, note_id)
    if refusal := policies.why_not_sign(request.actor, note, note.version):
        raise refusal
    shown = _show(note)
    empty = [passage.label for passage in shown.passages if not passage.text.strip()]
    audit.record("note.read", rows=[note.id], member_id=member_id, reason=reason_to_read(request.actor, member))
    kept = drafts.kept(drafts.form_of(note))
    unsaved = kept if kept and kept.content != digests.words(note) else None
    context = {"member": member, "shown": shown, "empty": empty, "form": form, "unsaved": unsaved}
    return render(request, "notes/sign.html", context, status=422 if form.is_bound else 200)


@page("GET", "POST", roles=CLINICAL)
def addend(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = _note(request, member_id, note_id)
    if refusal := policies.why_not_addend(request.actor, note):
        raise refusal
    sent = request.POST if request.method == "POST" else None
    form = AddendumForm(sent, label_suffix="", initial={"token": uuid.uuid4()})
    status, twice = (422 if form.is_bound else 200), False
    if form.is_bound and form.is_valid():
        signed = request.POST.get("do") == "sign"
        try:
            addendum_id = _once(
                request,
                form.cleaned_data["token"],
                {**form.content, "signed": signed},
                lambda: actions.addend(note_id=note_id, content=form.content, note_type="free_text", signed=signed),
            )
        except KeyReused:
            status, twice = 409, True
            form = AddendumForm(_with_new_token(request), label_suffix="")
        else:
            messages.success(request, "Addendum signed." if signed else "Addendum saved as a draft.")
            return redirect("notes:read", member_id, note_id if signed else addendum_id)
    audit.record("note.read", rows=[note.id], member_id=member_id, reason=reason_to_read(request.actor, member))
    context = {"member": member, "shown": _show(note), "form": form, "twice": twice}
    return render(request, "notes/addend.html", context, status=status)


def _once(
    request: PortalRequest, token: uuid.UUID | None, content: object, write_note: Callable[[], Note]
) -> uuid.UUID:
    """The id of the note that this form makes, or made when it was sent the first time.

    Raises `KeyReused` when the form had other words then. A refusal leaves no claim behind.
    """
    sent = idempotency.fingerprint("POST", request.path, msgspec.json.encode(content, order="sorted"))
    with transaction.atomic():
        claim = idempotency.claim(caller=_caller(request), key=str(token or uuid.uuid4()), fingerprint=sent)
        if isinstance(claim, idempotency.Replay):
            return uuid.UUID(bytes=claim.body)
        note = write_note()
        idempotency.keep(claim, status=302, body=note.id.bytes)
        return note.id


def _was_sent(request: PortalRequest, token: uuid.UUID | None) -> bool:
    sent = FirstAnswer.objects.filter(tenant_id=request.actor.tenant_id, caller=_caller(request), key=str(token))
    return sent.exists()


def _caller(request: PortalRequest) -> str:
    return f"portal:{request.actor.id}"


def _with_new_token(request: PortalRequest) -> dict[str, object]:
    return {**request.POST.dict(), "token": uuid.uuid4()}


def _member(request: PortalRequest, member_id: uuid.UUID) -> Assignment:
    member = Assignment.objects.visible_to(request.actor).filter(person_id=member_id).first()
    if member is None:
        raise MemberNotFound
    return member


def _note(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> tuple[Assignment, Note]:
    member = _member(request, member_id)
    found = Note.objects.readable(request.actor, member).filter(id=note_id)
    note = found.select_related("session").with_signatures().first()
    if note is None:
        raise NoteNotFound
    return member, note


def _session(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID) -> tuple[Assignment, Session]:
    member = _member(request, member_id)
    session = Session.objects.visible_to(request.actor).of_member(member_id).filter(id=session_id).first()
    if session is None:
        raise SessionNotFound
    return member, session


def _show(note: Note) -> Shown:
    content = digests.words(note)
    return Shown(note, [Passage(label_of(section), content[section]) for section in sections_of(note.note_type)])
