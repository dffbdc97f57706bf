"""Assessments: one administration of one instrument, scored, with the sheet it was scored from.

Instruments are data (`instruments.py`), scoring is pure (`scoring.py`), scores from elsewhere come in as `custom`
(`custom.py`). A row keeps the answers (sealed, item flags too, since they repeat answers) beside the version of the
instrument and of the scorer, so that any score can be checked later. Scores, severity and change are plain columns: charts
and risk read them. `change` is against the assessment before it of the same instrument, by `administered_at`; for
custom ones, of the same name. A sheet that opened a crisis flag points to it.
"""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models.functions import RowNumber

from apps.care_sessions.models import Session
from apps.core.actor import Actor
from apps.core.clock import now
from apps.crisis.models import CrisisFlag
from apps.tenants.models import TenantOwned
from apps.vault.fields import EncryptedJSONField

CUSTOM = "custom"


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, actor: Actor) -> Self:
        """The assessments that the actor's tenant recorded, whether or not the member is still assigned to it."""
        return self.filter(tenant_id=actor.tenant_id)

    def of_member(self, member_id: uuid.UUID) -> Self:
        return self.filter(member_id=member_id)

    def of_instrument(self, instrument: str) -> Self:
        return self.filter(instrument=instrument)

    def of_series(self, one: "Assessment") -> Self:
        """Those that are compared with this one, itself among them."""
        return self.filter(instrument=one.instrument, name=one.name)

    def administered_from(self, instant: datetime) -> Self:
        return self.filter(administered_at__gte=instant)

    def administered_until(self, instant: datetime) -> Self:
        return self.filter(administered_at__lte=instant)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-id")

    def last_of_each_series(self, count: int) -> Self:
        """The last `count` by instrument and name, oldest first within each; for one member."""
        place = models.Window(
            RowNumber(),
            partition_by=[models.F("instrument"), models.F("name")],
            order_by=[models.F("administered_at").desc(), models.F("id").desc()],
        )
        return (
            self.annotate(place=place)
            .filter(place__lte=count)
            .order_by("instrument", "name", "administered_at", "id")
            .defer("answers", "item_flags")
        )


class Assessment(TenantOwned):
    class By(models.TextChoices):
        CLINICIAN = "clinician"
        SELF = "self"

    member_id = models.UUIDField()
    instrument = models.CharField(max_length=40)
    # Empty but for custom ones: the name that tells their series apart.
    name = models.CharField(max_length=200, default="")
    instrument_version = models.CharField(max_length=20, default="")
    scorer_version = models.CharField(max_length=20, default="")
    answers = EncryptedJSONField()
    score = models.FloatField()
    min_score = models.FloatField()
    max_score = models.FloatField()
    severity = models.CharField(max_length=50)
    subscales = models.JSONField(default=dict)
    item_flags = EncryptedJSONField()
    change = models.FloatField(null=True)
    reliable_change = models.BooleanField(null=True)
    crisis_flag = models.ForeignKey(
        CrisisFlag, on_delete=models.PROTECT, null=True, related_name="assessments", db_index=False
    )
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, null=True, related_name="assessments", db_index=False
    )
    administered_at = models.DateTimeField()
    administered_by = models.CharField(max_length=20, choices=By, null=True)
    recorded_by = models.JSONField()
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[AssessmentQuerySet] = AssessmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(score__gte=models.F("min_score"), score__lte=models.F("max_score")),
                name="assessments_score_in_range",
            ),
            models.CheckConstraint(
                condition=models.Q(instrument=CUSTOM) | (models.Q(name="") & ~models.Q(instrument_version="")),
                name="assessments_version_of_every_known_instrument",
            ),
        )
        indexes = (
            models.Index(fields=["tenant_id", "-created_at", "-id"], name="assessments_newest_first"),
            models.Index(fields=["tenant_id", "member_id", "-created_at", "-id"], name="assessments_of_member"),
            models.Index(fields=["tenant_id", "instrument", "-created_at", "-id"], name="assessments_of_instrument"),
            models.Index(
                fields=["tenant_id", "member_id", "instrument", "name", "-administered_at", "-id"],
                name="assessments_series",
            ),
            models.Index(fields=["tenant_id", "administered_at"], name="assessments_by_time"),
        )
