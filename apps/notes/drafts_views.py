"""The tray of what someone typed and has not saved: theirs alone, from any machine."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.accounts.pages import CLINICAL, PortalRequest, page
from apps.audit import recording as audit
from apps.core.actor import Actor
from apps.core.database import run
from apps.members.models import Assignment
from apps.members.policies import by_reason
from apps.notes import drafts
from apps.notes.models import CosignRequest, NoteDraft, name_of_type

MOST = 100
# How many drafts are kept, and beside it each note that was returned; one row where there is none.
WAITING = """
SELECT kept.number, returned.id, returned.member_id, returned.note_type
FROM (
    SELECT count(*) AS number FROM notes_notedraft WHERE tenant_id = %s AND person_id = %s AND discarded_at IS NULL
) kept LEFT JOIN (
    SELECT n.id, n.member_id, n.note_type, q.asked_at
    FROM notes_cosignrequest q JOIN notes_note n ON n.tenant_id = q.tenant_id AND n.id = q.note_id
    WHERE q.tenant_id = %s AND q.signer_id = %s AND q.state = %s AND n.retracted_at IS NULL
    ORDER BY q.asked_at LIMIT %s
) returned ON true ORDER BY returned.asked_at
"""


@dataclass(frozen=True, slots=True)
class Line:
    """`member` is None where their chart is closed to the person now; then there is no `address` to go on writing at."""

    draft: NoteDraft
    member: Assignment | None
    address: str | None
    goes_at: datetime | None

    @property
    def is_overtaken(self) -> bool:
        """The note was signed while this was typed into its revision."""
        return not self.draft.is_addendum and self.draft.note is not None and self.draft.note.is_signed()


@dataclass(frozen=True, slots=True)
class Returned:
    """A note of theirs to which a co-signer asks for an addendum."""

    note_id: uuid.UUID
    member_id: uuid.UUID
    note_type: str

    @property
    def type_name(self) -> str:
        return name_of_type(self.note_type)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of their own writing waits for someone, for Today."""

    drafts: int
    returned: list[Returned]


def waiting_for(actor: Actor) -> Waiting:
    """In one statement: Today has many."""
    own = (actor.tenant_id, actor.id)
    rows = run([(WAITING, (*own, *own, CosignRequest.State.RETURNED, MOST))])[0]
    return Waiting(rows[0][0], [Returned(*row[1:]) for row in rows if row[1]])


@page(roles=CLINICAL)
def tray(request: PortalRequest) -> HttpResponse:
    found = list(drafts.tray_of()[:MOST])
    wanted = {each.session.member_id for each in found}
    seen = Assignment.objects.visible_to(request.actor).filter(person_id__in=wanted)
    members = {member.person_id: member for member in seen}
    lines = [_line(draft, members.get(draft.session.member_id)) for draft in found]
    read = [(line.member, line.draft.id) for line in lines if line.member]
    for reason, rows in by_reason(request.actor, read).items():
        audit.record("note.drafts_listed", rows=rows, reason=reason)
    context = {
        "lines": [line for line in lines if line.draft.discarded_at is None],
        "discarded": [line for line in lines if line.draft.discarded_at],
    }
    return render(request, "notes/drafts.html", context)


@page("POST", roles=CLINICAL, protected=False)
def discard(request: PortalRequest, draft_id: uuid.UUID) -> HttpResponse:
    drafts.discard(draft_id)
    messages.success(request, "Discarded. For a day you can take that back, below.")
    return redirect("note_work:drafts")


@page("POST", roles=CLINICAL, protected=False)
def restore(request: PortalRequest, draft_id: uuid.UUID) -> HttpResponse:
    drafts.restore(draft_id)
    messages.success(request, "It is back among your drafts.")
    return redirect("note_work:drafts")


def _line(draft: NoteDraft, member: Assignment | None) -> Line:
    if draft.discarded_at:
        goes_at: datetime | None = draft.discarded_at + drafts.UNDONE_WITHIN
    elif draft.note and draft.note.signed_at and not draft.is_addendum:
        goes_at = draft.note.signed_at + drafts.GONE_AFTER_SIGNED
    else:
        goes_at = draft.told_at + drafts.GONE_AFTER_TOLD if draft.told_at else None
    return Line(draft, member, _address(draft, member) if member else None, goes_at)


def _address(draft: NoteDraft, member: Assignment) -> str:
    """Where what was typed is in the form again."""
    if draft.note is None:
        return reverse("notes:write", args=[member.person_id, draft.session_id, draft.note_type])
    is_added = draft.is_addendum or draft.note.is_signed()
    return reverse("notes:addend" if is_added else "notes:revise", args=[member.person_id, draft.note_id])
