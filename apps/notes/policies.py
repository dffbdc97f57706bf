"""What a note may hold, and what may be done to it."""

from collections.abc import Mapping

from apps.core.actor import Actor
from apps.core.errors import DomainError, Forbidden
from apps.notes.errors import NoteIsDraft, NoteIsSigned, StaleNote
from apps.notes.models import LONGEST_SECTION, Note, sections_of

WRITING_ROLES = frozenset({"clinician", "supervisor"})


def why_not_this_content(note_type: str, content: Mapping[str, object]) -> dict[str, list[str]]:
    """Faults by `content.<section>`: each section of the type must be there as text, and no other."""
    wanted = sections_of(note_type)
    faults = {
        f"content.{section}": [f"A {note_type} note has no such section; it has {', '.join(wanted)}."]
        for section in content
        if section not in wanted
    }
    for section in wanted:
        if section not in content:
            faults[f"content.{section}"] = ["This section is required."]
        elif reason := _why_not_text(content[section]):
            faults[f"content.{section}"] = [reason]
    return faults


def _why_not_text(text: object) -> str | None:
    if not isinstance(text, str):
        return "Must be text."
    if len(text) > LONGEST_SECTION:
        return f"Must be at most {LONGEST_SECTION} characters."
    return None


def why_not_revise(actor: Actor, note: Note, version: int) -> DomainError | None:
    if note.is_signed():
        return NoteIsSigned("This note is signed and never changes; write an addendum to it instead.")
    if note.version != version:
        return StaleNote(current=note.version, sent=version)
    return why_not_write(actor)


def why_not_sign(actor: Actor, note: Note, version: int) -> DomainError | None:
    if note.is_signed():
        return NoteIsSigned("This note is signed already; it is in state signed and cannot become signed again.")
    if note.version != version:
        return StaleNote(current=note.version, sent=version)
    return why_not_write(actor)


def why_not_addend(actor: Actor, note: Note) -> DomainError | None:
    if not note.is_signed():
        return NoteIsDraft("This note is a draft; revise it, or sign it before you add to it.")
    return why_not_write(actor)


def why_not_write(actor: Actor) -> DomainError | None:
    """A key writes for the vendor's own system, which answers for its clinicians; a person must be one."""
    if actor.kind == "person" and not actor.roles & WRITING_ROLES:
        return Forbidden("Only clinicians and their supervisors write and sign notes.")
    return None
