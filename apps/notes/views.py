"""The pages of one member's notes: list, read, write, revise, sign, addend. Each button calls the verb of the API.

Whoever does not see the member finds nothing here. What someone typed is on the page again whatever refused it.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

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
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.notes import actions, digests, policies
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
    found = Note.objects.visible_to(request.actor).of_member(member_id).select_related("session").newest_first()
    listed = Paginator(found, PAGE).get_page(request.GET.get("page"))
    audit.record("note.listed", rows=[note.id for note in listed], member_id=member_id, reason=_reason(request, member))
    template = "notes/list.html#rows" if request.htmx.target == "rows" else "notes/list.html"
    return render(request, template, {"member": member, "notes": listed})


@page(roles=CLINICAL)
def read(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = _note(request, member_id, note_id)
    addenda = list(
        Note.objects.visible_to(request.actor).filter(addendum_to_id=note_id).with_signatures().oldest_first()
    )
    audit.record(
        "note.read",
        rows=[note.id, *(each.id for each in addenda)],
        member_id=member_id,
        reason=_reason(request, member),
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
        "session.listed", rows=[each.id for each in sessions], member_id=member_id, reason=_reason(request, member)
    )
    types = [(each, name_of_type(each)) for each in Note.Type.values]
    context = {"member": member, "sessions": sessions, "asked": asked, "types": types}
    return render(request, "notes/choose.html", context)


@page("GET", "POST", roles=CLINICAL)
def write(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID, note_type: str) -> HttpResponse:
    member, session = _session(request, member_id, session_id)
    if note_type not in Note.Type.values:
        raise NoSuchType
    form = NoteForm(note_type, request.POST if request.method == "POST" else None)
    status, twice = 200, None
    if form.is_bound and form.is_valid():
        try:
            note_id = _once(
                request,
                form.cleaned_data["token"],
                form.content,
                lambda: actions.write(session_id=session_id, note_type=note_type, content=form.content),
            )
        except KeyReused:
            status, twice = 409, "This form was saved as a draft before. Your text is here; save it as another note."
            form = NoteForm(note_type, _with_new_token(request))
        else:
            messages.success(request, "Draft saved.")
            return redirect("notes:read", member_id, note_id)
    elif form.is_bound:
        status = 422
    audit.record("session.read", rows=[session.id], member_id=member_id, reason=_reason(request, member))
    label = name_of_type(note_type)
    context = {"member": member, "session": session, "note_label": label, "form": form, "twice": twice}
    return render(request, "notes/write.html", context, status=status)


@page("GET", "POST", roles=CLINICAL)
def revise(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = _note(request, member_id, note_id)
    if request.method == "POST":
        form = NoteForm(note.note_type, request.POST)
        return _revised(request, member, note, form)
    if refusal := policies.why_not_revise(request.actor, note, note.version):
        raise refusal
    form = NoteForm(note.note_type, content=digests.words(note), version=note.version)
    audit.record("note.read", rows=[note.id], member_id=member_id, reason=_reason(request, member))
    return render(request, "notes/revise.html", {"member": member, "note": note, "form": form})


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
            messages.success(request, "Draft saved.")
            return redirect("notes:read", member.person_id, note.id)
    audit.record("note.read", rows=[note.id], member_id=member.person_id, reason=_reason(request, member))
    context = {"member": member, "note": note, "form": form, "theirs": theirs}
    return render(request, "notes/revise.html", context, status=status)


@page("GET", "POST", roles=CLINICAL)
def sign(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = _note(request, member_id, note_id)
    form = SignForm(request.POST) if request.method == "POST" else SignForm(initial={"version": note.version})
    if form.is_bound and form.is_valid():
        actions.sign(note_id=note_id, version=form.cleaned_data["version"])
        messages.success(request, "Signed.")
        return redirect("notes:read", member_id, note_id)
    if refusal := policies.why_not_sign(request.actor, note, note.version):
        raise refusal
    shown = _show(note)
    empty = [passage.label for passage in shown.passages if not passage.text.strip()]
    audit.record("note.read", rows=[note.id], member_id=member_id, reason=_reason(request, member))
    context = {"member": member, "shown": shown, "empty": empty, "form": form}
    return render(request, "notes/sign.html", context, status=422 if form.is_bound else 200)


@page("GET", "POST", roles=CLINICAL)
def addend(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = _note(request, member_id, note_id)
    if refusal := policies.why_not_addend(request.actor, note):
        raise refusal
    sent = request.POST if request.method == "POST" else None
    form = AddendumForm(sent, initial={"token": uuid.uuid4()})
    status, twice = (422 if form.is_bound else 200), None
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
            status, twice = 409, "This addendum was saved before. Your text is here; save it as another addendum."
            form = AddendumForm(_with_new_token(request))
        else:
            messages.success(request, "Addendum signed." if signed else "Addendum saved as a draft.")
            return redirect("notes:read", member_id, note_id if signed else addendum_id)
    audit.record("note.read", rows=[note.id], member_id=member_id, reason=_reason(request, member))
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
        claim = idempotency.claim(caller=f"portal:{request.actor.id}", key=str(token or uuid.uuid4()), fingerprint=sent)
        if isinstance(claim, idempotency.Replay):
            return uuid.UUID(bytes=claim.body)
        note = write_note()
        idempotency.keep(claim, status=302, body=note.id.bytes)
        return note.id


def _with_new_token(request: PortalRequest) -> dict[str, object]:
    return {**request.POST.dict(), "token": uuid.uuid4()}


def _member(request: PortalRequest, member_id: uuid.UUID) -> Assignment:
    member = Assignment.objects.visible_to(request.actor).filter(person_id=member_id).first()
    if member is None:
        raise MemberNotFound
    return member


def _note(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> tuple[Assignment, Note]:
    member = _member(request, member_id)
    found = Note.objects.visible_to(request.actor).of_member(member_id).filter(id=note_id)
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


def _reason(request: PortalRequest, member: Assignment) -> str:
    """Why the person sees the member, for the record of the reading."""
    return "assignment" if member.primary_clinician_id in request.actor.reach else "break_glass"


def _show(note: Note) -> Shown:
    content = digests.words(note)
    return Shown(note, [Passage(label_of(section), content[section]) for section in sections_of(note.note_type)])
