"""What was signed, kept as a keyed digest beside the note: that a signed note still says it is checked at every reading.

The digest is HMAC-SHA-256 under the tenant's index key, which no rotation replaces, over the plain note as canonical
JSON. A note's row can be written by whoever may rotate keys; to make a digest that fits takes the key as well.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from hmac import compare_digest
from typing import Final, cast
from uuid import UUID

import msgspec

from apps.notes.errors import SignedNoteAltered
from apps.notes.models import Note, NoteSignature
from apps.vault import blind
from apps.vault.errors import Altered

PURPOSE: Final = "notes.signed"
COSIGNED: Final = "notes.cosigned"
BATCH = 500
logger = logging.getLogger("throughline.notes")


@dataclass(frozen=True, slots=True)
class Fault:
    """A signed note that is not as it was signed, and in what way."""

    note_id: UUID
    what: str


def digest_of(note: Note) -> bytes:
    """32 bytes over all that a signature is under. Raises `Altered` when the content does not open."""
    if note.signed_at is None:
        raise ValueError("Only a signed note has a digest.")
    signed = {
        "id": note.id,
        "member": note.member_id,
        "session": note.session_id,
        "type": note.note_type,
        "addendum_to": note.addendum_to_id,
        "content": note.content,
        "author": note.author,
        "signed_by": note.signed_by,
        "signed_at": note.signed_at.astimezone(UTC),
    }
    return blind.fingerprint(note.tenant_id, PURPOSE, msgspec.json.encode(signed, order="sorted"))


def digest_of_cosignature(note: Note, signature: NoteSignature) -> bytes:
    """32 bytes over what the first signature is under, and who put this one beside it and when."""
    beside = {
        "signed": digest_of(note).hex(),
        "cosigned_by": signature.signed_by,
        "cosigned_at": signature.signed_at.astimezone(UTC),
    }
    return blind.fingerprint(note.tenant_id, COSIGNED, msgspec.json.encode(beside, order="sorted"))


def require_cosigned(note: Note, signature: NoteSignature) -> None:
    """Raises `SignedNoteAltered` when the co-signature was not put under this note as it is."""
    if what := _why_not_cosigned(note, signature):
        logger.error("co-signature altered: tenant=%s note=%s (%s)", note.tenant_id, note.id, what)
        raise SignedNoteAltered(note.id)


def words(note: Note) -> dict[str, str]:
    """The content to be read. A signed note must have been fetched `with_signatures`.

    Raises `SignedNoteAltered` when it is not what was signed.
    """
    if note.is_signed() and (what := _why_not_as_signed(note)):
        logger.error("signed note altered: tenant=%s note=%s (%s)", note.tenant_id, note.id, what)
        raise SignedNoteAltered(note.id)
    return cast(dict[str, str], note.content)


def verify(tenant_id: UUID, *, complete: bool = False) -> Iterator[Fault]:
    """Every signed note of the tenant that is not as it was signed, or that nothing says it of.

    With `complete`, a signature from before digests were kept gets one of the note as it is now.
    """
    signed = Note.objects.filter(tenant_id=tenant_id).signed().with_signatures().order_by("id")
    last = UUID(int=0)
    while batch := list(signed.filter(id__gt=last)[:BATCH]):
        last = batch[-1].id
        cosigned = cosignatures(tenant_id, [note.id for note in batch])
        for note in batch:
            if what := _why_not_as_signed(note) or _why_not_known(note, complete=complete):
                yield Fault(note.id, what)
                continue
            for signature in cosigned.get(note.id, ()):
                if what := _why_not_cosigned(note, signature):
                    yield Fault(note.id, what)


def cosignatures(tenant_id: UUID, note_ids: list[UUID]) -> dict[UUID, list[NoteSignature]]:
    """The signatures beside the first one, by note, oldest first."""
    found: dict[UUID, list[NoteSignature]] = {}
    signatures = NoteSignature.objects.filter(
        tenant_id=tenant_id, note_id__in=note_ids, role=NoteSignature.Role.COSIGNER
    )
    for signature in signatures.order_by("signed_at", "id"):
        found.setdefault(signature.note_id, []).append(signature)
    return found


def _why_not_cosigned(note: Note, signature: NoteSignature) -> str | None:
    made = digest_of_cosignature(note, signature)
    is_held = signature.digest is not None and compare_digest(bytes(signature.digest), made)
    return None if is_held else "it is not what was co-signed"


def _why_not_as_signed(note: Note) -> str | None:
    try:
        made = digest_of(note)
    except Altered:
        return "its content does not open"
    kept = note.signed_digest
    return None if kept is None or compare_digest(bytes(kept), made) else "it is not what was signed"


def _why_not_known(note: Note, *, complete: bool) -> str | None:
    if note.signed_digest is not None:
        return None
    signers = NoteSignature.objects.filter(
        tenant_id=note.tenant_id, note_id=note.id, role=NoteSignature.Role.SIGNER, digest=None
    )
    if complete and signers.update(digest=digest_of(note)):
        return None
    return "no digest was kept when it was signed; verify_notes --complete keeps one of what it says now"
