"""What someone types into a form is kept while they type, for them alone, and forgotten once it is saved.

Nothing of it goes into the history, the events or an answer of the API. It waits in its person's tray (`tray_of`) until
they save it or discard it, which can be taken back for a day. What nobody comes back for does not stay for ever:

- Its person is told by mail, once, when it has waited for 76 days, and it goes 14 days after that, at 90 days or later:
  as long as no mail gets through, nothing goes. The mail names neither member nor text.
- Of someone who works here no longer it goes after 90 days without a mail: nobody could open it.
- What was typed into the revision of a note that is signed by now goes after 7 days; the tray offers to copy it into an
  addendum meanwhile.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from apps.core.clock import now
from apps.notes import policies
from apps.notes.errors import DraftNotFound
from apps.notes.models import Note, NoteDraft, NoteDraftQuerySet
from apps.tenants.context import current_work

TOLD_AFTER = timedelta(days=76)
GONE_AFTER_TOLD = timedelta(days=14)
GONE_AFTER = TOLD_AFTER + GONE_AFTER_TOLD
GONE_AFTER_SIGNED = timedelta(days=7)
UNDONE_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Form:
    """What is written in it: a note that is not there yet, the revision of `note_id`, or an addendum to that note."""

    session_id: uuid.UUID
    note_type: str
    note_id: uuid.UUID | None = None
    is_addendum: bool = False

    @property
    def row_id(self) -> uuid.UUID:
        """One for each person and form, the same each time."""
        work = current_work()
        written = f"{work.tenant_id}:{self.note_id or self.session_id}:{self.note_type}"
        return uuid.uuid5(work.actor.id, f"{written}:addendum" if self.is_addendum else written)


def form_of(note: Note) -> Form:
    return Form(note.session_id, note.note_type, note.id)


def addendum_form_of(note: Note) -> Form:
    return Form(note.session_id, note.note_type, note.id, is_addendum=True)


def keep(form: Form, *, content: Mapping[str, str], version: int | None = None) -> NoteDraft:
    """Keep `content` in place of what was kept before."""
    work = current_work()
    if refusal := policies.why_not_write(work.actor):
        raise refusal
    draft = NoteDraft(
        id=form.row_id,
        tenant_id=work.tenant_id,
        person_id=work.actor.id,
        session_id=form.session_id,
        note_id=form.note_id,
        note_type=form.note_type,
        is_addendum=form.is_addendum,
        content=dict(content),
        version=version,
        kept_at=now(),
    )
    NoteDraft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["content", "version", "kept_at", "told_at", "discarded_at"],
    )
    return draft


def kept(form: Form) -> NoteDraft | None:
    return NoteDraft.objects.visible_to(current_work().actor).kept().filter(id=form.row_id).first()


def forget(form: Form) -> None:
    """For what was saved: nothing is lost with it."""
    NoteDraft.objects.filter(tenant_id=current_work().tenant_id, id=form.row_id).delete()


def tray_of() -> NoteDraftQuerySet:
    """The actor's own, discarded ones too, with session and note but without the text, newest first."""
    own = NoteDraft.objects.visible_to(current_work().actor).select_related("session", "note")
    sealed = ("content", "note__content", "session__summary", "session__homework")
    return own.defer(*sealed).order_by("-kept_at", "-id")


def discard(draft_id: uuid.UUID) -> None:
    """Put it out of the way; `restore` brings it back within a day. `DraftNotFound` unless it is the actor's."""
    _set_discarded(draft_id, discarded=True)


def restore(draft_id: uuid.UUID) -> None:
    _set_discarded(draft_id, discarded=False)


def _set_discarded(draft_id: uuid.UUID, *, discarded: bool) -> None:
    own = NoteDraft.objects.visible_to(current_work().actor).filter(id=draft_id)
    if not own.update(discarded_at=now() if discarded else None):
        raise DraftNotFound
