"""A note to take along: as a page for the printer and as a PDF. Both leave the system, and are recorded as that."""

import uuid

from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.notes.printing import Sheet, pdf_of, sheet_of
from apps.notes.showing import thread_of
from apps.notes.views import record_reading


@page(roles=CLINICAL)
def sheet(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    context = {"sheet": _sheet(request, member_id, note_id, "page"), "member_id": member_id, "note_id": note_id}
    return render(request, "notes/print.html", context)


@page(roles=CLINICAL)
def pdf(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID) -> HttpResponse:
    made = pdf_of(_sheet(request, member_id, note_id, "pdf"))
    # Of the id the random end: its beginning would tell when the note was written.
    name = f"note-{note_id.hex[-12:]}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type="application/pdf", headers=headers)


def _sheet(request: PortalRequest, member_id: uuid.UUID, note_id: uuid.UUID, form: str) -> Sheet:
    thread = thread_of(request.actor, member_id, note_id)
    record_reading(request.actor, thread, "note.exported", form=form)
    workplace = request.workplace
    return sheet_of(thread, request.actor, organisation=workplace.name, timezone=workplace.timezone)
