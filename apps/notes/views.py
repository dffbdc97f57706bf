"""The pages where one member's notes are read: list, one note with all that hangs on it, and its retraction.

Whoever does not see the member finds nothing here. Each button calls the verb of the API and is explained by the policy
that refuses it.
"""

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.care_sessions.models import Session
from apps.core.actor import Actor
from apps.members.policies import reason_to_read
from apps.notes import actions, policies
from apps.notes.forms import RetractForm
from apps.notes.models import Note
from apps.notes.showing import Shown, Thread, member_of, thread_of

PAGE = 25
SESSIONS = 50


@page(roles=CLINICAL)
def notes(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = member_of(request.actor, member_id)
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
    thread = thread_of(request.actor, member_id, note_id)
    record_reading(request.actor, thread)
    context = {
        "member": thread.member,
        "thread": thread,
        "shown": thread.first,
        **_why_not(request.actor, thread.first),
    }
    return render(request, "notes/read.html", context)


@page(roles=CLINICAL)
def choose(request: PortalRequest, member_id: uuid.UUID) -> HttpResponse:
    member = member_of(request.actor, member_id)
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
def retract(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    thread = thread_of(request.actor, member_id, note_id)
    if refusal := policies.why_not_retract(request.actor, thread.first.note):
        raise refusal
    form = RetractForm(request.POST if request.method == "POST" else None, label_suffix="")
    if form.is_bound and form.is_valid():
        actions.retract(note_id=note_id, **form.cleaned_data)
        messages.success(request, "Retracted. The note stays, with its mark.")
        return redirect("notes:read", member_id, note_id)
    record_reading(request.actor, thread)
    context = {"member": thread.member, "shown": thread.first, "form": form}
    return render(request, "notes/retract.html", context, status=422 if form.is_bound else 200)


def record_reading(actor: Actor, thread: Thread, action: str = "note.read", **details: str) -> None:
    member = thread.member
    reason = reason_to_read(actor, member)
    audit.record(action, rows=thread.rows, member_id=member.person_id, reason=reason, details=details)


def _why_not(actor: Actor, shown: Shown) -> dict[str, object]:
    """What disables each button under the note, in words; None where nothing does."""
    note = shown.note
    return {
        "why_not_revise": policies.why_not_revise(actor, note, note.version),
        "why_not_retract": policies.why_not_retract(actor, note),
        "why_not_cosign": policies.why_not_cosign(actor, note, shown.request),
    }
