"""What a note may hold, and who may do what to it.

**Drafts belong to their author.** What someone has not signed is not the record yet but their own unfinished words, so
nobody puts others in their place or a signature under them: only the author revises and signs a draft. Whoever **covers**
a clinician reads that clinician's drafts, because care goes on, and writes a note of their own. Two exceptions: a draft
that the vendor's own system wrote through the API has no author in the portal and waits for whoever treats or covers the
member; and a **supervisor** may finish the draft of someone whom they supervise, or it would stay unsigned for good when
its author leaves. The note then names both: its author, and who signed it.

**A signed note** is retracted by who signed it or by a supervisor; one that a system signed by any clinician of the
member. What a retracted note says stays open to those who treat, cover or supervise; not to a broken glass, and when the
note is about another person only to its signer and supervisors, since it is not this member's.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from apps.core.actor import Actor
from apps.core.errors import DomainError, Forbidden, Invalid
from apps.notes.errors import (
    NoteIsDraft,
    NoteIsRetracted,
    NoteIsSigned,
    NotYourDraft,
    NotYoursToCosign,
    NotYoursToRetract,
    StaleNote,
)
from apps.notes.models import LONGEST_SECTION, CosignRequest, Note, NoteRetraction, sections_of

WRITING_ROLES = frozenset({"clinician", "supervisor"})
RULING_ROLES = frozenset({"vendor_admin", "supervisor"})


@dataclass(frozen=True, slots=True)
class Clinician:
    """Someone who signs notes here, and who supervises them, if anyone."""

    id: uuid.UUID
    name: str
    supervisor_id: uuid.UUID | None
    supervisor_name: str


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
    if refusal := why_not_write(actor) or why_not_this_draft(actor, note):
        return refusal
    return StaleNote(current=note.version, sent=version) if note.version != version else None


def why_not_sign(actor: Actor, note: Note, version: int) -> DomainError | None:
    if note.is_signed():
        return NoteIsSigned("This note is signed already; it is in state signed and cannot become signed again.")
    if refusal := why_not_write(actor) or why_not_this_draft(actor, note):
        return refusal
    return StaleNote(current=note.version, sent=version) if note.version != version else None


def why_not_this_draft(actor: Actor, note: Note) -> DomainError | None:
    author = note.author
    if actor.kind != "person" or author["kind"] != "person" or author["id"] == str(actor.id):
        return None
    if is_supervisor(actor) and author["id"] in {str(each) for each in actor.reach}:
        return None
    return NotYourDraft(
        f"This draft is {author['name']}'s, who alone revises and signs it. Whoever covers reads it and writes a note "
        "of their own."
    )


def why_not_addend(actor: Actor, note: Note) -> DomainError | None:
    if not note.is_signed():
        return NoteIsDraft("This note is a draft; revise it, or sign it before you add to it.")
    return why_not_write(actor)


def why_not_retract(actor: Actor, note: Note) -> DomainError | None:
    if not note.is_signed():
        return NoteIsDraft("This note is a draft; only a signed note is retracted.")
    if note.is_retracted():
        return NoteIsRetracted("This note is retracted already; it is in state retracted and cannot become it again.")
    if refusal := why_not_write(actor):
        return refusal
    if is_supervisor(actor) or note.is_signed_by(actor.id) or (note.signed_by and note.signed_by["kind"] != "person"):
        return None
    return NotYoursToRetract("Only who signed this note, or a supervisor, retracts it. Ask one of them.")


def why_not_read_retracted(actor: Actor, note: Note, *, by_broken_glass: bool) -> str | None:
    """Why what a retracted note says stays closed to someone who sees the member."""
    if note.is_signed_by(actor.id) or (is_supervisor(actor) and not by_broken_glass):
        return None
    if by_broken_glass:
        return "A broken glass does not open what was retracted."
    if note.retraction.why == NoteRetraction.Why.WRONG_MEMBER:
        return "It is about another person, so only who signed it and supervisors read what it said."
    return None


def why_not_cosign(actor: Actor, note: Note, request: CosignRequest | None) -> DomainError | None:
    if not note.is_signed():
        return NoteIsDraft("This note is a draft; it is co-signed once it is signed.")
    if note.is_retracted():
        return NoteIsRetracted("This note is retracted; it needs no co-signature any more.")
    if request is None or request.cosigner_id != actor.id or note.is_signed_by(actor.id):
        return NotYoursToCosign("Your co-signature was not asked for under this note.")
    if not is_supervisor(actor):
        return NotYoursToCosign("Only supervisors co-sign. Ask your administrator to give that role to you.")
    if request.state == CosignRequest.State.COSIGNED:
        return NoteIsSigned("You have co-signed this note already.")
    return None


def why_not_return(actor: Actor, note: Note, request: CosignRequest | None) -> DomainError | None:
    if refusal := why_not_cosign(actor, note, request):
        return refusal
    if request is not None and request.state == CosignRequest.State.RETURNED:
        return NoteIsSigned("This note is returned already and waits for its author's addendum.")
    return None


def why_not_rule(actor: Actor, clinician: Clinician, cosigner_id: uuid.UUID | None) -> DomainError | None:
    """Why the co-signature of that person cannot be asked for under the clinician's notes; None ends the rule.

    A co-signer has to be able to open the chart, so it is the one who supervises the clinician.
    """
    if not actor.roles & RULING_ROLES:
        return Forbidden("Only administrators and supervisors decide whose notes need a co-signature.")
    if "vendor_admin" not in actor.roles and clinician.id not in actor.reach - {actor.id}:
        return Forbidden(f"You do not supervise {clinician.name}. Ask your administrator.")
    if cosigner_id is not None and cosigner_id != clinician.supervisor_id:
        return Invalid.field(
            "cosigner",
            f"Only who supervises {clinician.name} can open those charts and co-sign. Name the supervisor of "
            f"{clinician.name} under Staff first.",
        )
    return None


def is_supervisor(actor: Actor) -> bool:
    return "supervisor" in actor.roles


def why_not_write(actor: Actor) -> DomainError | None:
    """A key writes for the vendor's own system, which answers for its clinicians; a person must be one."""
    if actor.kind == "person" and not actor.roles & WRITING_ROLES:
        return Forbidden("Only clinicians and their supervisors write and sign notes.")
    return None
