"""Clinical notes: what was written about a session, as draft and then signed.

A draft may be revised; signing freezes it for ever. A correction of a signed note is an **addendum**: a note of its own
that names the one it corrects. Of each type a session has at most one signed note that is no addendum. All this holds
in the database too: a trigger refuses any change or removal of a signed row (but for sealing its content anew while
keys rotate), an index keeps the one signed note, and the application has no right to delete any note. Whether a signed
note still says what was signed is checked whenever it is read, and for all of them by `manage.py verify_notes`.

Content is sealed as one document whose keys are the sections of the note's type (`SECTIONS`). Psychotherapy notes are a
type of their own because law keeps them apart from the rest of the record (45 CFR 164.501): whoever shares notes must
ask for them by name, see `apart_from_psychotherapy`.
"""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models.functions import JSONObject

from apps.care_sessions.models import Session
from apps.core.actor import Actor
from apps.core.clock import now
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.tenants.models import TenantOwned
from apps.vault.fields import EncryptedJSONField

SECTIONS = {
    "soap": ("subjective", "objective", "assessment", "plan"),
    "dap": ("data", "assessment", "plan"),
    "birp": ("behavior", "intervention", "response", "plan"),
    "girp": ("goals", "intervention", "response", "plan"),
}
ONE_SECTION = ("body",)
LONGEST_SECTION = 100_000


def name_of_type(note_type: str) -> str:
    """`SOAP`, `Free text`: as clinicians write it."""
    return str(Note.Type(note_type).label)


def sections_of(note_type: str) -> tuple[str, ...]:
    """The sections that the content of such a note has, no more and no fewer."""
    return SECTIONS.get(note_type, ONE_SECTION)


class NoteQuerySet(models.QuerySet["Note"]):
    def visible_to(self, actor: Actor) -> Self:
        """The notes that the actor's tenant wrote, whether or not the member is still assigned to it."""
        return self.filter(tenant_id=actor.tenant_id)

    def readable(self, actor: Actor, member: Assignment) -> Self:
        """The notes of a member whom the actor sees; a broken glass opens no psychotherapy note."""
        found = self.visible_to(actor).of_member(member.person_id)
        return found.apart_from_psychotherapy() if reason_to_read(actor, member) == "break_glass" else found

    def of_member(self, member_id: uuid.UUID) -> Self:
        return self.filter(member_id=member_id)

    def of_session(self, session_id: uuid.UUID) -> Self:
        return self.filter(session_id=session_id)

    def of_type(self, note_type: str) -> Self:
        return self.filter(note_type=note_type)

    def with_status(self, status: str) -> Self:
        return self.filter(status=status)

    def signed(self) -> Self:
        return self.filter(status=Note.Status.SIGNED)

    def unsigned(self) -> Self:
        return self.filter(status=Note.Status.DRAFT)

    def written_before(self, instant: datetime) -> Self:
        return self.filter(created_at__lt=instant)

    def psychotherapy(self) -> Self:
        return self.filter(note_type=Note.Type.PSYCHOTHERAPY)

    def apart_from_psychotherapy(self) -> Self:
        return self.exclude(note_type=Note.Type.PSYCHOTHERAPY)

    def with_signatures(self) -> Self:
        """Each with the digest that its signer's signature keeps, as `signed_digest`; for `digests.words`."""
        kept = NoteSignature.objects.filter(
            tenant_id=models.OuterRef("tenant_id"), note_id=models.OuterRef("id"), role=NoteSignature.Role.SIGNER
        )
        return self.annotate(signed_digest=models.Subquery(kept.values("digest")[:1]))

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "id")


class Note(TenantOwned):
    class Type(models.TextChoices):
        SOAP = "soap", "SOAP"
        DAP = "dap", "DAP"
        BIRP = "birp", "BIRP"
        GIRP = "girp", "GIRP"
        INTAKE = "intake"
        PROGRESS = "progress"
        DISCHARGE = "discharge"
        PSYCHOTHERAPY = "psychotherapy"
        FREE_TEXT = "free_text", "Free text"

    class Status(models.TextChoices):
        DRAFT = "draft"
        SIGNED = "signed"

    member_id = models.UUIDField()
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="notes", db_index=False)
    note_type = models.CharField(max_length=20, choices=Type)
    content = EncryptedJSONField()
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    addendum_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="addenda", db_index=False)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.JSONField(null=True)
    author = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    signed_digest: bytes | None

    objects: ClassVar[NoteQuerySet] = NoteQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "session", "note_type"],
                condition=models.Q(status="signed", addendum_to=None),
                name="notes_one_signed_of_a_type_per_session",
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft", signed_at=None, signed_by__isnull=True)
                | models.Q(status="signed", signed_at__isnull=False, signed_by__isnull=False),
                name="notes_signed_by_someone_at_some_time",
            ),
        )
        indexes = (
            models.Index(fields=["tenant_id", "-created_at", "-id"], name="notes_newest_first"),
            models.Index(fields=["tenant_id", "member_id", "-created_at", "-id"], name="notes_of_member"),
            models.Index(fields=["tenant_id", "session", "-created_at"], name="notes_of_session"),
            models.Index(fields=["tenant_id", "note_type", "-created_at", "-id"], name="notes_of_type"),
            models.Index(
                fields=["tenant_id", "created_at", "id"],
                condition=models.Q(status="draft"),
                name="notes_unsigned_by_age",
            ),
            models.Index(
                fields=["tenant_id", "addendum_to"],
                condition=models.Q(addendum_to__isnull=False),
                name="notes_addenda",
            ),
        )

    @property
    def type_name(self) -> str:
        return name_of_type(self.note_type)

    def is_signed(self) -> bool:
        return self.signed_at is not None


class NoteSignature(TenantOwned):
    """One signature under one note: its author's when it is signed, and later those of who co-signs. Never changed."""

    class Role(models.TextChoices):
        SIGNER = "signer"
        COSIGNER = "cosigner"

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    role = models.CharField(max_length=20, choices=Role, default=Role.SIGNER)
    signed_by = models.JSONField()
    signed_at = models.DateTimeField(default=now)
    # Of what was signed, see `digests.py`; null at a co-signer, and until it is completed at a signature from before.
    digest = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "note"],
                condition=models.Q(role="signer"),
                name="notes_one_signer_per_note",
            ),
        )
        indexes = (models.Index(fields=["tenant_id", "note", "signed_at"], name="notes_signatures_of_note"),)


class NoteDraft(TenantOwned):
    """What one person has typed into the form of a note and not saved yet: theirs alone, no part of the record.

    Its id follows from the person and what they write (see `drafts.py`), so that each keeping overwrites the last.
    `version` is that of the note under revision which the form was opened from; null for a note not written yet.
    """

    person_id = models.UUIDField()
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    note_type = models.CharField(max_length=20, choices=Note.Type)
    content = EncryptedJSONField()
    version = models.PositiveIntegerField(null=True)
    kept_at = models.DateTimeField(default=now)

    class Meta:
        indexes = (models.Index(fields=["tenant_id", "kept_at"], name="notes_typed_by_age"),)


def references_on(session_id: models.OuterRef) -> ArraySubquery:
    """The notes of a session as `[{id, note_type, status}]`, newest first, inside the statement that reads sessions."""
    return ArraySubquery(
        Note.objects.filter(tenant_id=models.OuterRef("tenant_id"), session_id=session_id)
        .newest_first()
        .values(reference=JSONObject(id="id", note_type="note_type", status="status"))
    )
