"""Sessions: the meetings of a member with a clinician, as the vendor that held them logs them.

A session belongs to the tenant that wrote it and names the member by the person's id. It may carry the vendor's own
`external_id`, unique within the tenant. Its length is not stored: it follows from its two instants. Summary and
homework are sealed. Clinical notes hang on a session from the app above.

A planned session is `scheduled`; its `ended_at`, if it has one, is the planned end. Once someone has started it, `begun_at`
says so and `started_at` is when. It then becomes completed, a no-show or cancelled (`planning.py`) and changes no more.
"""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.actor import Actor
from apps.core.clock import now
from apps.tenants.models import TenantOwned
from apps.vault.fields import EncryptedTextField


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, actor: Actor) -> Self:
        """The sessions that the actor's tenant wrote, whether or not the member is still assigned to it."""
        return self.filter(tenant_id=actor.tenant_id)

    def of_member(self, member_id: uuid.UUID) -> Self:
        return self.filter(member_id=member_id)

    def with_status(self, status: str) -> Self:
        return self.filter(status=status)

    def started_from(self, instant: datetime) -> Self:
        """Started at that instant or later."""
        return self.filter(started_at__gte=instant)

    def started_until(self, instant: datetime) -> Self:
        """Started at that instant or earlier."""
        return self.filter(started_at__lte=instant)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")

    def latest_first(self) -> Self:
        """By when they took place."""
        return self.order_by("-started_at", "-id")

    def planned(self) -> Self:
        return self.filter(status=Session.Status.SCHEDULED)

    def over(self) -> Self:
        return self.exclude(status=Session.Status.SCHEDULED)


class Session(TenantOwned):
    class Type(models.TextChoices):
        INDIVIDUAL = "individual"
        GROUP = "group"
        COUPLES = "couples"
        FAMILY = "family"
        INTAKE = "intake"
        CRISIS = "crisis"
        CHECK_IN = "check_in"

    class Modality(models.TextChoices):
        IN_PERSON = "in_person"
        VIDEO = "video"
        PHONE = "phone"
        CHAT = "chat"

    class Status(models.TextChoices):
        SCHEDULED = "scheduled"
        COMPLETED = "completed"
        NO_SHOW = "no_show"
        CANCELLED = "cancelled"

    member_id = models.UUIDField()
    external_id = models.CharField(max_length=200, null=True)
    session_type = models.CharField(max_length=20, choices=Type)
    modality = models.CharField(max_length=20, choices=Modality)
    status = models.CharField(max_length=20, choices=Status, default=Status.COMPLETED)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    clinician_id = models.UUIDField(null=True)
    clinician_name = models.CharField(max_length=200, null=True)
    mood_before = models.PositiveSmallIntegerField(null=True)
    mood_after = models.PositiveSmallIntegerField(null=True)
    summary = EncryptedTextField(null=True)
    topics = ArrayField(models.CharField(max_length=200), default=list)
    interventions = ArrayField(models.CharField(max_length=200), default=list)
    homework = EncryptedTextField(null=True)
    next_session_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[SessionQuerySet] = SessionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="care_sessions_external_id_is_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gt=models.F("started_at")),
                name="care_sessions_end_after_start",
            ),
            models.CheckConstraint(
                condition=(models.Q(mood_before=None) | models.Q(mood_before__range=(1, 10)))
                & (models.Q(mood_after=None) | models.Q(mood_after__range=(1, 10))),
                name="care_sessions_mood_from_1_to_10",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["scheduled", "completed", "no_show", "cancelled"]),
                name="care_sessions_status_is_known",
            ),
        )
        indexes = (
            models.Index(fields=["tenant_id", "-created_at", "-id"], name="care_sessions_newest_first"),
            models.Index(fields=["tenant_id", "member_id", "-created_at", "-id"], name="care_sessions_of_member"),
            models.Index(fields=["tenant_id", "started_at"], name="care_sessions_by_start"),
            # Completed sessions are nearly all; the other three states are what a list by state looks for.
            models.Index(
                fields=["tenant_id", "status", "-created_at", "-id"],
                condition=models.Q(status__in=["scheduled", "no_show", "cancelled"]),
                name="care_sessions_not_completed",
            ),
        )

    @property
    def duration_minutes(self) -> int | None:
        """Whole minutes from start to end; None while it is open."""
        if self.ended_at is None:
            return None
        return int((self.ended_at - self.started_at).total_seconds() // 60)
