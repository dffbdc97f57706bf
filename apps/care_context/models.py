"""Care context: how a member wants and needs to be treated, as one vendor keeps it.

One current row for each member at a tenant, and every version that ever was beside it. A change names the version
that it was made from; if that is no longer the current one it is refused, so that two writers never overwrite each
other unseen. A member without a row is at version 0 with everything empty. Goals, topics to avoid, the safety plan
and the companion's instructions are sealed, and so is the whole of each kept version.

The seven parts of a safety plan follow Stanley and Brown's Safety Planning Intervention (2012), its six steps with the
reasons for living that clinicians commonly add.
"""

import uuid
from typing import ClassVar, Self, TypedDict

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.actor import Actor
from apps.core.clock import now
from apps.tenants.models import TenantOwned
from apps.vault.fields import EncryptedJSONField, EncryptedTextField


class Goal(TypedDict):
    """`status` is active, met or dropped; `target_date` is `YYYY-MM-DD`."""

    text: str
    status: str
    target_date: str | None


class SafetyPlan(TypedDict):
    warning_signs: list[str]
    coping_strategies: list[str]
    social_contacts: list[str]
    helpers: list[str]
    professionals: list[str]
    means_safety: list[str]
    reasons_for_living: list[str]


class Content(TypedDict):
    """All that a care context says; a version replaces the whole of it."""

    modality: str | None
    treatment_goals: list[Goal]
    focus_areas: list[str]
    topics_to_avoid: list[str]
    communication_style: str | None
    session_frequency: str | None
    safety_plan: SafetyPlan
    companion_enabled: bool
    companion_instructions: str | None


def empty_safety_plan() -> SafetyPlan:
    return SafetyPlan(
        warning_signs=[],
        coping_strategies=[],
        social_contacts=[],
        helpers=[],
        professionals=[],
        means_safety=[],
        reasons_for_living=[],
    )


class CareContextQuerySet(models.QuerySet["CareContext"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(tenant_id=actor.tenant_id)

    def of_member(self, member_id: uuid.UUID) -> Self:
        return self.filter(member_id=member_id)


class CareContext(TenantOwned):
    class Modality(models.TextChoices):
        CBT = "cbt"
        DBT = "dbt"
        ACT = "act"
        EMDR = "emdr"
        IPT = "ipt"
        PSYCHODYNAMIC = "psychodynamic"
        SUPPORTIVE = "supportive"
        OTHER = "other"

    class Style(models.TextChoices):
        WARM = "warm"
        DIRECT = "direct"
        REFLECTIVE = "reflective"
        STRUCTURED = "structured"

    class Frequency(models.TextChoices):
        WEEKLY = "weekly"
        FORTNIGHTLY = "fortnightly"
        MONTHLY = "monthly"
        AS_NEEDED = "as_needed"

    member_id = models.UUIDField()
    version = models.PositiveIntegerField(default=0)
    modality = models.CharField(max_length=20, choices=Modality, null=True)
    treatment_goals = EncryptedJSONField(default=list)
    focus_areas = ArrayField(models.CharField(max_length=200), default=list)
    topics_to_avoid = EncryptedJSONField(default=list)
    communication_style = models.CharField(max_length=20, choices=Style, null=True)
    session_frequency = models.CharField(max_length=20, choices=Frequency, null=True)
    safety_plan = EncryptedJSONField(default=empty_safety_plan)
    companion_enabled = models.BooleanField(default=False)
    companion_instructions = EncryptedTextField(null=True)
    updated_at = models.DateTimeField(null=True)
    updated_by = models.JSONField(null=True)

    objects: ClassVar[CareContextQuerySet] = CareContextQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant_id", "member_id"], name="care_context_one_per_member"),)


class CareContextVersionQuerySet(models.QuerySet["CareContextVersion"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(tenant_id=actor.tenant_id)

    def of_member(self, member_id: uuid.UUID) -> Self:
        return self.filter(member_id=member_id)

    def newest_first(self) -> Self:
        return self.order_by("-version")


class CareContextVersion(TenantOwned):
    """What the care context said at one version, for good: the application may insert here and nothing else."""

    member_id = models.UUIDField()
    version = models.PositiveIntegerField()
    snapshot = EncryptedJSONField()
    made_at = models.DateTimeField(default=now)
    made_by = models.JSONField()

    objects: ClassVar[CareContextVersionQuerySet] = CareContextVersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "member_id", "version"], name="care_context_version_is_kept_once"
            ),
        )
