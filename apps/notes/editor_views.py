"""The pages where notes are written: new, revised, signed, added to. What someone typed is on the page again whatever
refused it, and kept for them while they type.
"""

import uuid
from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.care_sessions.models import Session
from apps.idempotency.errors import KeyReused
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.notes import actions, digests, drafts, policies, presence
from apps.notes.errors import NoSuchType, NoteIsSigned, StaleNote
from apps.notes.forms import AddendumForm, KeptAddendumForm, NoteForm, SignForm, as_one_text
from apps.notes.models import Note, name_of_type
from apps.notes.sent_once import once, was_sent, with_new_token
from apps.notes.showing import note_of, session_of, show


@page("GET", "POST", roles=CLINICAL)
def write(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID, note_type: str) -> HttpResponse:
    member, session = session_of(request.actor, member_id, session_id)
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
            note_id = once(request, form.cleaned_data["token"], form.content, make)
        except KeyReused:
            status, twice = 409, True
            form = NoteForm(note_type, with_new_token(request))
        else:
            return _saved(request, place, "Draft saved.", "notes:read", member_id, note_id)
    audit.record("session.read", rows=[session.id], member_id=member_id, reason=reason_to_read(request.actor, member))
    context = {"member": member, "session": session, "note_label": name_of_type(note_type), "form": form}
    beside = {"twice": twice, "kept": kept, "writers": presence.arrive(request.actor, place)}
    return render(request, "notes/write.html", {**context, **beside}, status=status)


@page("POST", roles=CLINICAL, protected=False)
def keep_new(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID, note_type: str) -> HttpResponse:
    """What was typed so far; what comes in after the form itself was saved is let go."""
    place = _place(session_of(request.actor, member_id, session_id)[1], note_type)
    form = NoteForm(note_type, request.POST)
    if form.is_valid() and was_sent(request, form.cleaned_data["token"]):
        return HttpResponse(status=204)
    return _kept(request, place, form)


@page("GET", "POST", roles=CLINICAL)
def revise(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = note_of(request.actor, member_id, note_id)
    place = drafts.form_of(note)
    if request.POST.get("do") == "discard":
        return _discarded(request, place)
    if request.method == "POST":
        return _revised(request, member, note, NoteForm(note.note_type, request.POST))
    if refusal := policies.why_not_revise(request.actor, note, note.version):
        raise refusal
    saved, kept = digests.words(note), drafts.kept(place)
    if kept and kept.content == saved:
        kept = None
    theirs = show(request.actor, member, note) if kept and kept.version != note.version else None
    form = NoteForm(note.note_type, content=kept.content if kept else saved, version=note.version)
    audit.record("note.read", rows=[note.id], member_id=member_id, reason=reason_to_read(request.actor, member))
    writers = presence.arrive(request.actor, place)
    context = {"member": member, "note": note, "form": form, "kept": kept, "theirs": theirs, "writers": writers}
    return render(request, "notes/revise.html", context)


def _revised(request: PortalRequest, member: Assignment, note: Note, form: NoteForm) -> HttpResponse:
    status, theirs = 422, None
    if form.is_valid():
        try:
            actions.revise(note_id=note.id, version=form.cleaned_data["version"] or 0, content=form.content)
        except (StaleNote, NoteIsSigned):
            status = 409
            note = note_of(request.actor, member.person_id, note.id)[1]
            theirs = show(request.actor, member, note)
            form = NoteForm(note.note_type, {**request.POST.dict(), "version": note.version})
        else:
            place = drafts.form_of(note)
            return _saved(request, place, "Draft saved.", "notes:read", member.person_id, note.id)
    audit.record("note.read", rows=[note.id], member_id=member.person_id, reason=reason_to_read(request.actor, member))
    writers = presence.arrive(request.actor, drafts.form_of(note))
    context = {"member": member, "note": note, "form": form, "theirs": theirs, "writers": writers}
    return render(request, "notes/revise.html", context, status=status)


@page("POST", roles=CLINICAL, protected=False)
def keep_revision(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    _, note = note_of(request.actor, member_id, note_id)
    if refusal := policies.why_not_revise(request.actor, note, note.version):
        raise refusal
    return _kept(request, drafts.form_of(note), NoteForm(note.note_type, request.POST))


@page("GET", "POST", roles=CLINICAL)
def sign(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = note_of(request.actor, member_id, note_id)
    sent = request.POST if request.method == "POST" else None
    form = SignForm(sent, label_suffix="", initial={"version": note.version})
    if form.is_bound and form.is_valid():
        actions.sign(note_id=note_id, version=form.cleaned_data["version"])
        return _saved(request, drafts.form_of(note), "Signed.", "notes:read", member_id, note_id)
    if refusal := policies.why_not_sign(request.actor, note, note.version):
        raise refusal
    shown = show(request.actor, member, note)
    empty = [passage.label for passage in shown.passages if not passage.text.strip()]
    audit.record("note.read", rows=[note.id], member_id=member_id, reason=reason_to_read(request.actor, member))
    kept = drafts.kept(drafts.form_of(note))
    unsaved = kept if kept and kept.content != digests.words(note) else None
    context = {"member": member, "shown": shown, "empty": empty, "form": form, "unsaved": unsaved}
    return render(request, "notes/sign.html", context, status=422 if form.is_bound else 200)


@page("GET", "POST", roles=CLINICAL)
def addend(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    member, note = note_of(request.actor, member_id, note_id)
    place = drafts.addendum_form_of(note)
    if request.POST.get("do") == "discard":
        drafts.forget(drafts.form_of(note))
        return _discarded(request, place)
    if refusal := policies.why_not_addend(request.actor, note):
        raise refusal
    if request.method == "POST":
        return _added(request, member, note, AddendumForm(request.POST, label_suffix=""))
    kept = drafts.kept(place)
    content = kept.content if kept else None
    if kept is None and (kept := drafts.kept(drafts.form_of(note))):
        # Typed into the draft while someone signed it.
        content = {"body": as_one_text(note.note_type, kept.content)}
    form = AddendumForm(label_suffix="", initial={"token": uuid.uuid4(), **(content or {})})
    return _adding(request, member, note, form, kept=kept)


def _added(request: PortalRequest, member: Assignment, note: Note, form: AddendumForm) -> HttpResponse:
    if not form.is_valid():
        return _adding(request, member, note, form, status=422)
    signed = request.POST.get("do") == "sign"
    note_type = actions.type_of_addendum(note)
    make = partial(actions.addend, note_id=note.id, content=form.content, note_type=note_type, signed=signed)
    try:
        addendum_id = once(request, form.cleaned_data["token"], {**form.content, "signed": signed}, make)
    except KeyReused:
        form = AddendumForm(with_new_token(request), label_suffix="")
        return _adding(request, member, note, form, twice=True, status=409)
    drafts.forget(drafts.form_of(note))
    told = "Addendum signed." if signed else "Addendum saved as a draft."
    shown = note.id if signed else addendum_id
    return _saved(request, drafts.addendum_form_of(note), told, "notes:read", member.person_id, shown)


def _adding(
    request: PortalRequest, member: Assignment, note: Note, form: AddendumForm, *, status: int = 200, **beside: object
) -> HttpResponse:
    audit.record("note.read", rows=[note.id], member_id=member.person_id, reason=reason_to_read(request.actor, member))
    writers = presence.arrive(request.actor, drafts.addendum_form_of(note))
    context = {"member": member, "shown": show(request.actor, member, note), "form": form, "writers": writers, **beside}
    return render(request, "notes/addend.html", context, status=status)


@page("POST", roles=CLINICAL, protected=False)
def keep_addendum(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    _, note = note_of(request.actor, member_id, note_id)
    if refusal := policies.why_not_addend(request.actor, note):
        raise refusal
    form = KeptAddendumForm(request.POST)
    if form.is_valid() and was_sent(request, form.cleaned_data["token"]):
        return HttpResponse(status=204)
    return _kept(request, drafts.addendum_form_of(note), form)


@page("POST", roles=CLINICAL, protected=False, counts_as_sign_of_life=False)
def writers_of_new(request: PortalRequest, member_id: uuid.UUID, session_id: uuid.UUID, note_type: str) -> HttpResponse:
    return _writers(request, _place(session_of(request.actor, member_id, session_id)[1], note_type))


@page("POST", roles=CLINICAL, protected=False, counts_as_sign_of_life=False)
def writers_of_note(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    return _writers(request, drafts.form_of(note_of(request.actor, member_id, note_id)[1]))


def _writers(request: PortalRequest, place: drafts.Form) -> HttpResponse:
    """Who else has it open, for an open page that asks by itself; nothing while that stays as it is shown."""
    writers = presence.arrive(request.actor, place)
    if request.POST.getlist("shown") == [str(one.person_id) for one in writers]:
        return HttpResponse(status=204)
    return render(request, "notes/writers.html", {"writers": writers})


def _kept(request: PortalRequest, place: drafts.Form, form: NoteForm | KeptAddendumForm) -> HttpResponse:
    if not form.is_valid():
        return render(request, "notes/kept.html", status=422)
    draft = drafts.keep(place, content=form.content, version=form.cleaned_data.get("version"))
    presence.arrive(request.actor, place)
    return render(request, "notes/kept.html", {"kept": draft})


def _saved(request: PortalRequest, place: drafts.Form, told: str, route: str, *where: uuid.UUID) -> HttpResponse:
    drafts.forget(place)
    presence.leave(request.actor, place)
    messages.success(request, told)
    return redirect(route, *where)


def _discarded(request: PortalRequest, place: drafts.Form) -> HttpResponse:
    if drafts.kept(place):
        drafts.discard(place.row_id)
    messages.success(request, "Discarded. For a day you can take that back, under Drafts.")
    return redirect(request.path)


def _place(session: Session, note_type: str) -> drafts.Form:
    if note_type not in Note.Type.values:
        raise NoSuchType
    return drafts.Form(session.id, note_type)
