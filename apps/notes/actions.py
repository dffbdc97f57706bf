"""Verbs of notes: write, revise, sign, addend, retract. A signed note never changes but for the mark of a retraction."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError

from apps.audit import recording as audit
from apps.core.clock import now
from apps.core.database import run
from apps.core.errors import Invalid
from apps.core.ids import uuid7
from apps.events import recording as events
from apps.notes import cosigning, policies
from apps.notes.digests import digest_of
from apps.notes.errors import AlreadySigned, NoteNotFound
from apps.notes.models import Note, NoteRetraction, NoteSignature
from apps.tenants.context import current_work

# What is asked before a note is written, in one statement: whose session it is, and what the addendum is to.
SUBJECT = """
SELECT s.member_id, o.status, o.session_id = s.id
FROM care_sessions_session s LEFT JOIN notes_note o ON o.tenant_id = s.tenant_id AND o.id = %s
WHERE s.tenant_id = %s AND s.id = %s
"""
ONE_SIGNED = "notes_one_signed_that_stands_of_a_type_per_session"


@dataclass(frozen=True, slots=True)
class Subject:
    """A session of this tenant, and the state of the note that is to be added to."""

    member_id: uuid.UUID
    original_status: str | None
    original_is_on_session: bool


def write(
    *,
    session_id: uuid.UUID,
    note_type: str,
    content: Mapping[str, object],
    signed: bool = False,
    addendum_to: uuid.UUID | None = None,
) -> Note:
    """Write a note on a session of this tenant, as a draft or signed at once.

    `content` has exactly the sections of `note_type`. Raises `Invalid` by field for a section too many or missing,
    a session that is not this tenant's, an addendum to anything but a signed note of that session; `AlreadySigned`
    for a second signed note of one type that is no addendum.
    """
    work = current_work()
    if refusal := policies.why_not_write(work.actor):
        raise refusal
    faults = policies.why_not_this_content(note_type, content)
    subject = _subject(session_id, addendum_to)
    if subject is None:
        faults["session_id"] = ["There is no such session of this vendor."]
    elif addendum_to is not None and not _can_be_added_to(subject):
        faults["addendum_to"] = ["Must be a signed note of the same session."]
    if faults or subject is None:
        raise Invalid("Some fields are not valid.", fields=faults)
    written_at = now()
    note = Note(
        id=uuid7(),
        tenant_id=work.tenant_id,
        member_id=subject.member_id,
        session_id=session_id,
        note_type=note_type,
        content=dict(content),
        addendum_to_id=addendum_to,
        author=work.actor.reference(),
        created_at=written_at,
        updated_at=written_at,
    )
    if signed:
        _mark_signed(note, written_at)
    _insert(note)
    _tell("note.created", note)
    if signed:
        _put_signature(note)
    return note


def addend(*, note_id: uuid.UUID, content: Mapping[str, object], note_type: str | None = None, signed: bool) -> Note:
    """Write an addendum to a signed note, of its type unless another is given."""
    original = _locked(note_id)
    return write(
        session_id=original.session_id,
        note_type=note_type or original.note_type,
        content=content,
        signed=signed,
        addendum_to=original.id,
    )


def revise(*, note_id: uuid.UUID, version: int, content: Mapping[str, object]) -> Note:
    """Replace a draft's content. `version` is the one that was read; `StaleNote` when it has moved on."""
    note = _locked(note_id)
    if refusal := policies.why_not_revise(current_work().actor, note, version):
        raise refusal
    if faults := policies.why_not_this_content(note.note_type, content):
        raise Invalid("Some fields are not valid.", fields=faults)
    note.content = dict(content)
    note.version += 1
    note.updated_at = now()
    note.save(update_fields=["content", "version", "updated_at"])
    audit.record("note.revised", rows=[note.id], member_id=note.member_id, details={"version": note.version})
    return note


def sign(*, note_id: uuid.UUID, version: int) -> Note:
    """Sign a draft as it was read at `version`; from then on it never changes."""
    note = _locked(note_id)
    if refusal := policies.why_not_sign(current_work().actor, note, version):
        raise refusal
    _mark_signed(note, now())
    try:
        note.save(update_fields=["status", "signed_at", "signed_by", "updated_at"])
    except IntegrityError as error:
        raise _meant(error, note) from None
    _put_signature(note)
    return note


def retract(*, note_id: uuid.UUID, why: str, reason: str) -> Note:
    """Mark a signed note as one that should not be there. It stays, and so does what it says.

    `why` is one of `NoteRetraction.Why`, `reason` its signer's words. Both stand in a signed addendum, for whoever
    reads notes through the API, whose shape knows no retraction. Returns the note. The session may then get another
    signed note of the type.
    """
    note = _locked(note_id)
    if refusal := policies.why_not_retract(current_work().actor, note):
        raise refusal
    if not reason.strip():
        raise Invalid.field("reason", "Say why the note is retracted.")
    label = NoteRetraction.Why(why).label
    statement = write(
        session_id=note.session_id,
        note_type=type_of_addendum(note),
        content={"body": f"Retracted. {label}. Reason: {reason}"},
        signed=True,
        addendum_to=note.id,
    )
    retraction = NoteRetraction(
        tenant_id=note.tenant_id,
        note=note,
        statement=statement,
        why=why,
        retracted_by=current_work().actor.reference(),
        retracted_at=statement.created_at,
    )
    retraction.save(force_insert=True)
    note.retracted_at = retraction.retracted_at
    note.save(update_fields=["retracted_at"])
    audit.record("note.retracted", rows=[note.id, statement.id], member_id=note.member_id, details={"why": why})
    return note


def type_of_addendum(note: Note) -> str:
    """What is added to a psychotherapy note is kept apart as strictly as the note itself."""
    is_apart = note.note_type == Note.Type.PSYCHOTHERAPY
    return str(Note.Type.PSYCHOTHERAPY if is_apart else Note.Type.FREE_TEXT)


def _subject(session_id: uuid.UUID, addendum_to: uuid.UUID | None) -> Subject | None:
    rows = run([(SUBJECT, (addendum_to, current_work().tenant_id, session_id))])[0]
    return Subject(rows[0][0], rows[0][1], bool(rows[0][2])) if rows else None


def _can_be_added_to(subject: Subject) -> bool:
    return subject.original_is_on_session and subject.original_status == Note.Status.SIGNED


def _locked(note_id: uuid.UUID) -> Note:
    note = Note.objects.visible_to(current_work().actor).select_for_update().filter(id=note_id).first()
    if note is None:
        raise NoteNotFound
    return note


def _mark_signed(note: Note, at: datetime) -> None:
    note.status = Note.Status.SIGNED
    note.signed_at = note.updated_at = at
    note.signed_by = current_work().actor.reference()


def _insert(note: Note) -> None:
    try:
        note.save(force_insert=True)
    except IntegrityError as error:
        raise _meant(error, note) from None


def _meant(error: IntegrityError, note: Note) -> Exception:
    """The rule behind a refused row. The index is asked, and nothing before it, so that of two writers one wins."""
    return AlreadySigned(note.note_type) if ONE_SIGNED in str(error) else error


def _put_signature(note: Note) -> None:
    note.signed_digest = digest_of(note)
    NoteSignature.objects.create(
        tenant_id=note.tenant_id,
        note=note,
        signed_by=note.signed_by,
        signed_at=note.signed_at or now(),
        digest=note.signed_digest,
    )
    cosigning.on_signed(note)
    _tell("note.signed", note)


def _tell(what: str, note: Note) -> None:
    facts = {
        "note_id": str(note.id),
        "session_id": str(note.session_id),
        "note_type": note.note_type,
        "status": note.status,
        "addendum_to": str(note.addendum_to_id) if note.addendum_to_id else None,
    }
    audit.record(what, rows=[note.id], member_id=note.member_id, details=facts)
    events.record(what, member_id=note.member_id, data=facts)
