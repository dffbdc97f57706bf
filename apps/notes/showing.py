"""Notes as pages and prints show them: found for someone, checked against their signatures, with all that hangs on them."""

import uuid
from dataclasses import dataclass, field

from apps.care_sessions.errors import SessionNotFound
from apps.care_sessions.models import Session
from apps.core.actor import Actor
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.notes import digests, policies
from apps.notes.errors import NoteNotFound
from apps.notes.forms import label_of
from apps.notes.models import (
    CosignRequest,
    CosignReturn,
    Note,
    NoteQuerySet,
    NoteRetraction,
    NoteSignature,
    sections_of,
)


@dataclass(frozen=True, slots=True)
class Passage:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A note as it is read: checked against its signatures, in the order of its sections.

    `withheld` says why nothing of a retracted note is shown to this reader.
    """

    note: Note
    passages: list[Passage]
    cosignatures: list[NoteSignature] = field(default_factory=list)
    retraction: NoteRetraction | None = None
    request: CosignRequest | None = None
    returns: list[CosignReturn] = field(default_factory=list)
    withheld: str | None = None

    @property
    def is_statement(self) -> bool:
        """Whether it says why another note was retracted."""
        return hasattr(self.note, "retracts")

    @property
    def waits_for(self) -> str | None:
        """The name of the co-signer who has not signed yet."""
        if self.request is None or self.request.state == CosignRequest.State.COSIGNED or self.retraction:
            return None
        return self.request.cosigner.name

    @property
    def is_returned(self) -> bool:
        return self.request is not None and self.request.state == CosignRequest.State.RETURNED and not self.retraction


@dataclass(frozen=True, slots=True)
class Thread:
    """A note and every addendum to it, or to one of them, oldest first."""

    member: Assignment
    first: Shown
    addenda: list[Shown]

    @property
    def all(self) -> list[Shown]:
        return [self.first, *self.addenda]

    @property
    def rows(self) -> list[uuid.UUID]:
        return [shown.note.id for shown in self.all]

    @property
    def signed(self) -> list[uuid.UUID]:
        """What a co-signer has read: the note and the signed addenda to it."""
        added = [each.note for each in self.addenda if each.note.addendum_to_id == self.first.note.id]
        return [note.id for note in [self.first.note, *added] if note.is_signed()]


def member_of(actor: Actor, member_id: uuid.UUID) -> Assignment:
    """Raises `MemberNotFound` for a member whom the actor does not see, as for none."""
    member = Assignment.objects.visible_to(actor).filter(person_id=member_id).first()
    if member is None:
        raise MemberNotFound
    return member


def note_of(actor: Actor, member_id: uuid.UUID, note_id: uuid.UUID) -> tuple[Assignment, Note]:
    member = member_of(actor, member_id)
    note = _whole(Note.objects.readable(actor, member)).filter(id=note_id).first()
    if note is None:
        raise NoteNotFound
    return member, note


def session_of(actor: Actor, member_id: uuid.UUID, session_id: uuid.UUID) -> tuple[Assignment, Session]:
    member = member_of(actor, member_id)
    session = Session.objects.visible_to(actor).of_member(member_id).filter(id=session_id).first()
    if session is None:
        raise SessionNotFound
    return member, session


def thread_of(actor: Actor, member_id: uuid.UUID, note_id: uuid.UUID) -> Thread:
    """Raises `SignedNoteAltered` where any of them is not as it was signed or co-signed."""
    member, note = note_of(actor, member_id, note_id)
    # An addendum is always on the session of what it is added to, however deep.
    added = _whole(Note.objects.readable(actor, member)).filter(session_id=note.session_id, addendum_to__isnull=False)
    notes = [note, *_below(note.id, list(added.oldest_first()))]
    cosigned = digests.cosignatures(actor.tenant_id, [each.id for each in notes if each.is_signed()])
    returns = _returns(actor, notes)
    by_broken_glass = reason_to_read(actor, member) == "break_glass"
    shown = [
        _shown(actor, each, cosigned.get(each.id, []), returns.get(each.id, []), by_broken_glass=by_broken_glass)
        for each in notes
    ]
    return Thread(member, shown[0], shown[1:])


def show(actor: Actor, member: Assignment, note: Note) -> Shown:
    """The note alone, as far as the actor may read it."""
    returns = _returns(actor, [note]).get(note.id, [])
    return _shown(actor, note, [], returns, by_broken_glass=reason_to_read(actor, member) == "break_glass")


def _whole(notes: NoteQuerySet) -> NoteQuerySet:
    beside = notes.select_related("session", "retraction", "retracts", "cosigning__cosigner")
    return beside.defer("cosigning__cosigner__password").with_signatures()


def _below(note_id: uuid.UUID, added: list[Note]) -> list[Note]:
    """Those that were added to the note, or to one of those."""
    reached = {note_id}
    for note in added:
        if note.addendum_to_id in reached:
            reached.add(note.id)
    return [note for note in added if note.id in reached and note.id != note_id]


def _returns(actor: Actor, notes: list[Note]) -> dict[uuid.UUID, list[CosignReturn]]:
    """What was asked of the author, for the author and the co-signer alone."""
    requests = {
        note.cosigning.id: note.id
        for note in notes
        if hasattr(note, "cosigning") and actor.id in {note.cosigning.signer_id, note.cosigning.cosigner_id}
    }
    if not requests:
        return {}
    found: dict[uuid.UUID, list[CosignReturn]] = {}
    asked = CosignReturn.objects.filter(tenant_id=actor.tenant_id, request_id__in=requests)
    for each in asked.order_by("returned_at", "id"):
        found.setdefault(requests[each.request_id], []).append(each)
    return found


def _shown(
    actor: Actor,
    note: Note,
    cosignatures: list[NoteSignature],
    returns: list[CosignReturn],
    *,
    by_broken_glass: bool,
) -> Shown:
    passages, withheld = _passages(note), None
    for signature in cosignatures:
        digests.require_cosigned(note, signature)
    if note.is_retracted():
        withheld = policies.why_not_read_retracted(actor, note, by_broken_glass=by_broken_glass)
    return Shown(
        note=note,
        passages=[] if withheld else passages,
        cosignatures=cosignatures,
        retraction=getattr(note, "retraction", None),
        request=getattr(note, "cosigning", None),
        returns=returns,
        withheld=withheld,
    )


def _passages(note: Note) -> list[Passage]:
    content = digests.words(note)
    return [Passage(label_of(section), content[section]) for section in sections_of(note.note_type)]
