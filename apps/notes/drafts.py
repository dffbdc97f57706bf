"""What someone types into a form is kept while they type, for them alone, and forgotten once it is saved.

Nothing of it goes into the history, the events or an answer of the API.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from apps.core.clock import now
from apps.notes import policies
from apps.notes.models import Note, NoteDraft
from apps.tenants.context import current_work


@dataclass(frozen=True, slots=True)
class Form:
    """What is written in it: a note that is not there yet, or the revision of `note_id`."""

    session_id: uuid.UUID
    note_type: str
    note_id: uuid.UUID | None = None

    @property
    def row_id(self) -> uuid.UUID:
        """One for each person and form, the same each time."""
        work = current_work()
        return uuid.uuid5(work.actor.id, f"{work.tenant_id}:{self.note_id or self.session_id}:{self.note_type}")


def form_of(note: Note) -> Form:
    return Form(note.session_id, note.note_type, note.id)


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
        content=dict(content),
        version=version,
        kept_at=now(),
    )
    NoteDraft.objects.bulk_create(
        [draft], update_conflicts=True, unique_fields=["id"], update_fields=["content", "version", "kept_at"]
    )
    return draft


def kept(form: Form) -> NoteDraft | None:
    return NoteDraft.objects.filter(tenant_id=current_work().tenant_id, id=form.row_id).first()


def forget(form: Form) -> None:
    NoteDraft.objects.filter(tenant_id=current_work().tenant_id, id=form.row_id).delete()
