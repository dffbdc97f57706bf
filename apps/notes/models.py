"""Clinical notes: what was written about a session, as draft and then signed.

A draft may be revised; signing freezes it for ever. A correction of a signed note is an **addendum**: a note of its own
that names the one it corrects. A signed note that should not be there at all is **retracted** (`retraction.py`): it
stays, is marked, and makes room for the right one. Of each type a session has at most one signed note that stands and
is no addendum. All this holds in the database too: a trigger refuses any change or removal of a signed row (but for
sealing its content anew while keys rotate, and for the mark, once), an index keeps the one signed note, and the
application has no right to delete any note. Whether a signed note still says what was signed is checked whenever it is
read, and for all of them by `manage.py verify_notes`.

A clinician's notes may need the **co-signature** of a supervisor (`cosigning.py`): a second signature beside the first,
never an unlock.

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

from apps.accounts.models import User
from apps.care_sessions.models import Session
from apps.core.actor import Actor
from apps.core.clock import now
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.tenants.models import TenantOwned
from apps.vault.fields import EncryptedJSONField, EncryptedTextField

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

    def standing(self) -> Self:
        """Apart from what was retracted, and from what was only ever added to that."""
        return self.filter(retracted_at=None).exclude(addendum_to__retracted_at__isnull=False)

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
    retracted_at = models.DateTimeField(null=True)
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
                condition=models.Q(status="signed", addendum_to=None, retracted_at=None),
                name="notes_one_signed_that_stands_of_a_type_per_session",
            ),
            models.CheckConstraint(
                condition=models.Q(status="draft", signed_at=None, signed_by__isnull=True)
                | models.Q(status="signed", signed_at__isnull=False, signed_by__isnull=False),
                name="notes_signed_by_someone_at_some_time",
            ),
            models.CheckConstraint(
                condition=models.Q(retracted_at=None) | models.Q(status="signed"), name="notes_retracted_once_signed"
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

    @property
    def state(self) -> str:
        """`draft`, `signed` or `retracted`; for the wire contracts a retracted note is a signed one."""
        return "retracted" if self.is_retracted() else self.status

    def is_signed(self) -> bool:
        return self.signed_at is not None

    def is_retracted(self) -> bool:
        return self.retracted_at is not None

    def is_signed_by(self, person_id: uuid.UUID) -> bool:
        return self.signed_by is not None and self.signed_by["id"] == str(person_id)


class NoteSignature(TenantOwned):
    """One signature under one note: its author's when it is signed, and later those of who co-signs. Never changed."""

    class Role(models.TextChoices):
        SIGNER = "signer"
        COSIGNER = "cosigner"

    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="signatures", db_index=False)
    role = models.CharField(max_length=20, choices=Role, default=Role.SIGNER)
    signed_by = models.JSONField()
    signed_at = models.DateTimeField(default=now)
    # Of what was signed, see `digests.py`; null at a signature from before, until it is completed.
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


class NoteRetraction(TenantOwned):
    """The mark of a signed note that should not be there. Never changed.

    Who retracted it and when, and why in one word; in their own words, signed, in `statement`: an addendum to the note.
    """

    class Why(models.TextChoices):
        WRONG_MEMBER = "wrong_member", "It is about another person"
        WRONG_SESSION = "wrong_session", "It is about another session"
        DUPLICATE = "duplicate", "It was written twice"
        NOT_TRUE = "not_true", "What it says did not happen"

    note = models.OneToOneField(Note, on_delete=models.PROTECT, related_name="retraction")
    statement = models.OneToOneField(Note, on_delete=models.PROTECT, related_name="retracts")
    why = models.CharField(max_length=20, choices=Why)
    retracted_by = models.JSONField()
    retracted_at = models.DateTimeField(default=now)


class CosigningRule(TenantOwned):
    """That the notes of a clinician need the co-signature of a supervisor: `share` in a hundred of them, drawn by lot.

    It asks for what is signed from when it is made until `ends_at`, if that is set.
    """

    clinician = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    cosigner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    share = models.PositiveSmallIntegerField(default=100)
    ends_at = models.DateTimeField(null=True)
    made_by = models.JSONField()
    made_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant_id", "clinician"], name="notes_one_cosigning_rule_per_clinician"),
            models.CheckConstraint(
                condition=~models.Q(clinician=models.F("cosigner")), name="notes_nobody_cosigns_their_own"
            ),
            models.CheckConstraint(condition=models.Q(share__gte=1, share__lte=100), name="notes_share_in_a_hundred"),
        )


class CosignRequestQuerySet(models.QuerySet["CosignRequest"]):
    def visible_to(self, actor: Actor) -> Self:
        """Those that ask the actor for a co-signature."""
        return self.filter(tenant_id=actor.tenant_id, cosigner_id=actor.id)

    def waiting(self) -> Self:
        """The one definition of the queue, for its page, its count and its report."""
        return self.filter(state=CosignRequest.State.WAITING, note__retracted_at=None)

    def oldest_first(self) -> Self:
        return self.order_by("asked_at", "id")


class CosignRequest(TenantOwned):
    """That a signed note waits for a co-signature, was returned for an addendum, or has been co-signed."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RETURNED = "returned"
        COSIGNED = "cosigned"

    note = models.OneToOneField(Note, on_delete=models.PROTECT, related_name="cosigning")
    cosigner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Who signed the note: the person to whom it is returned.
    signer_id = models.UUIDField()
    state = models.CharField(max_length=20, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(default=now)

    objects: ClassVar[CosignRequestQuerySet] = CosignRequestQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (
            models.Index(fields=["tenant_id", "cosigner", "state", "asked_at"], name="notes_cosigning_queue"),
            models.Index(
                fields=["tenant_id", "signer_id"],
                condition=models.Q(state="returned"),
                name="notes_cosigning_returned",
            ),
        )


class CosignReturn(TenantOwned):
    """What a co-signer asked the author to add. Between the two of them; no part of the note."""

    request = models.ForeignKey(CosignRequest, on_delete=models.PROTECT, related_name="returns", db_index=False)
    comment = EncryptedTextField()
    returned_by = models.JSONField()
    returned_at = models.DateTimeField(default=now)

    class Meta:
        indexes = (models.Index(fields=["tenant_id", "request", "returned_at"], name="notes_returns_of_request"),)


class NoteDraftQuerySet(models.QuerySet["NoteDraft"]):
    def visible_to(self, actor: Actor) -> Self:
        """What the actor typed; nobody sees what someone else did."""
        return self.filter(tenant_id=actor.tenant_id, person_id=actor.id)

    def kept(self) -> Self:
        return self.filter(discarded_at=None)


class NoteDraft(TenantOwned):
    """What one person has typed into the form of a note and not saved yet: theirs alone, no part of the record.

    Its id follows from the person and what they write (see `drafts.py`), so that each keeping overwrites the last.
    `note` is the one under revision, or the one that the addendum is to; null for a note not written yet. `version` is
    that which the form of a revision was opened from. Of an addendum `content` has `kind`, `reason` and `body`.
    """

    person_id = models.UUIDField()
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    note_type = models.CharField(max_length=20, choices=Note.Type)
    content = EncryptedJSONField()
    version = models.PositiveIntegerField(null=True)
    is_addendum = models.BooleanField(default=False)
    kept_at = models.DateTimeField(default=now)
    # When its person was told that it will be removed, and when they discarded it; keeping it again undoes both.
    told_at = models.DateTimeField(null=True)
    discarded_at = models.DateTimeField(null=True)

    objects: ClassVar[NoteDraftQuerySet] = NoteDraftQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (
            models.Index(fields=["tenant_id", "kept_at"], name="notes_typed_by_age"),
            models.Index(fields=["tenant_id", "person_id", "kept_at"], name="notes_typed_by_whom"),
        )

    @property
    def type_name(self) -> str:
        return name_of_type(self.note_type)


def references_on(session_id: models.OuterRef) -> ArraySubquery:
    """The notes of a session as `[{id, note_type, status}]`, newest first, inside the statement that reads sessions."""
    return ArraySubquery(
        Note.objects.filter(tenant_id=models.OuterRef("tenant_id"), session_id=session_id)
        .newest_first()
        .values(reference=JSONObject(id="id", note_type="note_type", status="status"))
    )
