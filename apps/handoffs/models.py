"""Handoffs: one vendor passes a member's care to another, with consent, a sealed packet and no risk orphaned.

The sender **offers**; the receiver **accepts** or **declines**; the sender may **cancel** while it is pending; an
unanswered one **expires**; the receiver **completes** an accepted one, which ends the sender's assignment unless
care is shared. `pending -> accepted -> completed`, or `pending -> declined | cancelled | expired`; nothing leaves
an ended state. Where completing ends an assignment, what that vendor had accepted of the member before can be
completed no more and is cancelled with it: `accepted -> cancelled`.

A handoff is the one row that two tenants see: `tenant_id` is the sender's, whose key seals its words, `to_tenant_id`
the receiver's. Its steps are seen alike. The **packet** is what consent let through, frozen when the handoff was
offered: each side holds its own copy under its own key, so that later edits change neither, and erasing one tenant
leaves the other its record. A packet lists what is in it and what was left out and why, with a digest of its
content. Every reading of a packet leaves a receipt.

At the portal everyone who treats at the receiver sees how a handoff to it stands, and while it waits for an answer
everything, for nobody treats the member there yet. Otherwise its words and its packet are for whoever treats, covers or
supervises the member, or did when it was offered, and for those who made one of its steps. A broken glass opens none of
them, for a packet may hold psychotherapy notes.

Beside the usual files: `packet.py` gathers a packet, `offering.py` writes an offer, `receiving.py` finds who may treat at
the receiver, `history.py` opens the steps; for the pages `tray.py` lines handoffs up, `reading.py` puts a packet in
words and `progress.py` tells one handoff's story.
"""

import uuid
from datetime import datetime
from typing import Any, ClassVar, TypedDict, cast

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, Subquery, When
from django.db.models.expressions import RawSQL
from django.utils.functional import cached_property

from apps.core.actor import Actor
from apps.core.clock import now
from apps.members.models import Assignment
from apps.tenants.models import Tenant, TenantOwned
from apps.vault.fields import EncryptedJSONField, EncryptedTextField

# The history comes along in the handoff's own statement, so that a page of them needs no second one.
STEPS = """
(SELECT jsonb_agg(jsonb_build_object('id', step.id, 'status', step.status, 'at', step.at, 'by', step.by,
                                     'reason', encode(step.reason, 'base64')) ORDER BY step.at, step.id)
 FROM handoffs_handoffstep step
 WHERE step.tenant_id = handoffs_handoff.tenant_id AND step.handoff_id = handoffs_handoff.id)
"""


class Part(models.TextChoices):
    """What a consent can cover. Psychotherapy notes always need their own entry (45 CFR 164.508(a)(2))."""

    SUMMARY = "summary"
    CARE_CONTEXT = "care_context"
    SESSIONS = "sessions"
    NOTES = "notes"
    ASSESSMENTS = "assessments"
    CRISIS_FLAGS = "crisis_flags"
    PSYCHOTHERAPY_NOTES = "psychotherapy_notes"


def _concerns(actor: Actor) -> Q:
    """That a handoff waits for the person's vendor, is of a member in their reach, or has a step of their making."""
    reached = Assignment.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=OuterRef("created_at")),
        tenant_id=actor.tenant_id,
        person_id=OuterRef("member_id"),
        primary_clinician_id__in=actor.reach,
    )
    steps = HandoffStep.objects.filter(tenant_id=OuterRef("tenant_id"), handoff_id=OuterRef("id"), by__id=str(actor.id))
    waits = Q(to_tenant_id=actor.tenant_id, status=Handoff.Status.PENDING)
    return waits | Q(Exists(reached)) | Q(Exists(steps))


class HandoffQuerySet(models.QuerySet["Handoff"]):
    def visible_to(self, actor: Actor) -> "HandoffQuerySet":
        """Those that the actor's tenant sent or was sent; of what it sent a person sees what concerns them."""
        theirs = self.filter(Q(tenant_id=actor.tenant_id) | Q(to_tenant_id=actor.tenant_id))
        return theirs.filter(Q(to_tenant_id=actor.tenant_id) | _concerns(actor)) if actor.door == "portal" else theirs

    def concerning(self, actor: Actor) -> "HandoffQuerySet":
        """Those whose words and packet the actor may read as well."""
        seen = self.visible_to(actor)
        return seen.filter(_concerns(actor)) if actor.door == "portal" else seen

    def with_concern(self, actor: Actor) -> "HandoffQuerySet":
        """With `is_of_concern`: whether it is among those `concerning` the actor, in the same statement."""
        concern = When(_concerns(actor), then=True) if actor.door == "portal" else When(id=F("id"), then=True)
        brought: dict[str, Any] = {"is_of_concern": Case(concern, default=False, output_field=models.BooleanField())}
        return self.annotate(**brought)

    def outgoing(self, tenant_id: uuid.UUID) -> "HandoffQuerySet":
        return self.filter(tenant_id=tenant_id)

    def incoming(self, tenant_id: uuid.UUID) -> "HandoffQuerySet":
        return self.filter(to_tenant_id=tenant_id)

    def with_status(self, status: str, at: datetime) -> "HandoffQuerySet":
        """Those that stand so at `at`, whether or not the job has come by an overdue one yet."""
        pending = Q(status=Handoff.Status.PENDING)
        if status == Handoff.Status.PENDING:
            return self.filter(pending, expires_at__gt=at)
        if status == Handoff.Status.EXPIRED:
            return self.filter(Q(status=status) | pending & Q(expires_at__lte=at))
        return self.filter(status=status)

    def under_way(self, at: datetime) -> "HandoffQuerySet":
        """Those that keep another of the same member from being offered by their sender."""
        return self.filter(Q(status=Handoff.Status.ACCEPTED) | Q(status=Handoff.Status.PENDING, expires_at__gt=at))

    def of_member(self, member_id: uuid.UUID) -> "HandoffQuerySet":
        return self.filter(member_id=member_id)

    def newest_first(self) -> "HandoffQuerySet":
        return self.order_by("-created_at", "-id")

    def overdue(self, at: datetime) -> "HandoffQuerySet":
        return self.filter(status=Handoff.Status.PENDING, expires_at__lte=at)

    def whole(self) -> "HandoffQuerySet":
        """With both vendors' names and the history, in the same statement."""
        names = Tenant.objects.values("name")
        brought: dict[str, Any] = {
            "from_name": Subquery(names.filter(id=OuterRef("tenant_id"))),
            "to_name": Subquery(names.filter(id=OuterRef("to_tenant_id"))),
            "kept_steps": RawSQL(STEPS, (), output_field=models.JSONField()),
        }
        return self.annotate(**brought)

    def with_first_opening(self) -> "HandoffQuerySet":
        """With `opened_at`: when someone of the receiver first read the packet, in the same statement."""
        openings = PacketRead.objects.filter(handoff_id=OuterRef("id"), tenant_id=OuterRef("to_tenant_id"))
        brought: dict[str, Any] = {"opened_at": Subquery(openings.order_by("id").values("at")[:1])}
        return self.annotate(**brought)


class Handoff(TenantOwned):
    class Type(models.TextChoices):
        TRANSFER = "transfer"
        REFERRAL = "referral"
        STEP_UP = "step_up"
        STEP_DOWN = "step_down"
        COVERAGE = "coverage"
        WARM = "warm"

    class Urgency(models.TextChoices):
        ROUTINE = "routine"
        URGENT = "urgent"
        EMERGENT = "emergent"

    class Status(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        COMPLETED = "completed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    to_tenant_id = models.UUIDField()
    member_id = models.UUIDField()
    handoff_type = models.CharField(max_length=20, choices=Type)
    urgency = models.CharField(max_length=20, choices=Urgency)
    reason = EncryptedTextField()
    clinical_summary = EncryptedTextField()
    shared_care = models.BooleanField(default=False)
    consent_obtained_at = models.DateTimeField()
    consent_scope = ArrayField(models.CharField(max_length=30, choices=Part))
    consent_expires_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(default=now)

    # What `whole()` brings along.
    from_name: str
    to_name: str
    kept_steps: list[dict[str, object]] | None
    # Set by `with_first_opening()` alone.
    opened_at: datetime | None
    # Set by `with_concern()` alone.
    is_of_concern: bool

    objects: ClassVar[HandoffQuerySet] = HandoffQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "member_id"],
                condition=Q(status__in=["pending", "accepted"]),
                name="handoffs_one_open_for_a_member",
            ),
            models.CheckConstraint(
                condition=~Q(tenant_id=models.F("to_tenant_id")), name="handoffs_go_to_another_vendor"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "accepted", "declined", "completed", "cancelled", "expired"]),
                name="handoffs_status_is_known",
            ),
        )
        indexes = (
            models.Index(fields=["tenant_id", "-created_at", "-id"], name="handoffs_outgoing"),
            models.Index(fields=["to_tenant_id", "-created_at", "-id"], name="handoffs_incoming"),
            models.Index(fields=["to_tenant_id", "expires_at"], condition=Q(status="pending"), name="handoffs_waiting"),
            models.Index(fields=["tenant_id", "expires_at"], condition=Q(status="pending"), name="handoffs_overdue"),
        )

    @cached_property
    def new_steps(self) -> list["HandoffStep"]:
        """The steps that were made since the handoff was fetched."""
        return []

    def status_at(self, at: datetime) -> str:
        """An unanswered handoff is expired from `expires_at` on, whenever the job comes by."""
        return str(self.Status.EXPIRED if self.is_overdue(at) else self.status)

    def is_overdue(self, at: datetime) -> bool:
        return self.status == self.Status.PENDING and self.expires_at <= at

    def consents_to(self, part: str, at: datetime) -> bool:
        """Whether the consent covers this part of the record and still stands."""
        return part in self.consent_scope and not self.consent_is_over(at)

    def consent_is_over(self, at: datetime) -> bool:
        return self.consent_expires_at is not None and self.consent_expires_at <= at


class HandoffStep(TenantOwned):
    """One state that a handoff came to; `by` is `{kind, id, name}`. Carries both tenants so that both see it."""

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="steps", db_index=False)
    to_tenant_id = models.UUIDField()
    status = models.CharField(max_length=20, choices=Handoff.Status)
    at = models.DateTimeField(default=now)
    by = models.JSONField()
    reason = EncryptedTextField(null=True)

    class Meta:
        indexes = (models.Index(fields=["tenant_id", "handoff", "id"], name="handoffs_steps"),)


class Packet(TenantOwned):
    """One side's copy of what was passed on, under that side's key; `tenant_id` is the holder's.

    `contents` names the parts inside, `exclusions` is `[{part, why, count?}]`, `digest` the SHA-256 of the
    content as canonical JSON, the same for both copies.
    """

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="packets", db_index=False)
    content = EncryptedJSONField()
    contents = ArrayField(models.CharField(max_length=30))
    exclusions = models.JSONField(default=list)
    digest = models.BinaryField(max_length=32)
    frozen_at = models.DateTimeField(default=now)

    # Set by `receiving.packet_for` alone.
    was_read: bool

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant_id", "handoff"], name="handoffs_one_packet_for_each_side"),
        )


class Receipt(TypedDict):
    """What one reader read, and when; `by` is `{kind, id, name}`."""

    by: dict[str, str]
    first_at: datetime
    last_at: datetime
    times: int


class PacketReadQuerySet(models.QuerySet["PacketRead"]):
    def by_the_receiver(self, handoff: Handoff) -> "PacketReadQuerySet":
        return self.filter(tenant_id=handoff.to_tenant_id, handoff_id=handoff.id)

    def by_reader(self) -> models.QuerySet["PacketRead", Receipt]:
        """One for each reader, in the order in which they first read."""
        summed = self.values("by").annotate(first_at=Min("at"), last_at=Max("at"), times=Count("id"))
        return cast("models.QuerySet[PacketRead, Receipt]", summed.order_by("first_at"))


class PacketRead(TenantOwned):
    """The receipt of one reading; `tenant_id` is the reader's. Both sides see it."""

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="reads", db_index=False)
    at = models.DateTimeField(default=now)
    by = models.JSONField()

    objects: ClassVar[PacketReadQuerySet] = PacketReadQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (models.Index(fields=["tenant_id", "handoff", "id"], name="handoffs_reads"),)
