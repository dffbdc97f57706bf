"""Care context: how a member wants and needs to be treated, as one vendor keeps it.

One current row for each member at a tenant, and every version that ever was beside it. A change names the version
that it was made from; if that is no longer the current one it is refused, so that two writers never overwrite each
other unseen. A member without a row is at version 0 with everything empty. Goals, topics to avoid, the safety plan
and the companion's instructions are sealed, and so is the whole of each kept version.

The seven parts of a safety plan follow the Safety Planning Intervention (Stanley and Brown, Cognitive and Behavioral
Practice 19, 2012, 256-264): its six steps, in its order, with the reasons for living that clinicians commonly add. The
wording is our own, for the form of the authors is theirs. A plan is only as good as the last talk about it, so each
**review** with the member is kept as well: on which day, of the plan as which version left it. A tenant's **crisis
contacts**, whom its members can call at any hour, stand on every plan that is printed.
"""

import uuid
from typing import ClassVar, Self, TypedDict, cast

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.actor import Actor
from apps.core.clock import now
from apps.tenants.models import TenantOwned
from apps.vault.fields import EncryptedJSONField, EncryptedTextField

LONGEST_LINE = 2000
LONGEST_FOCUS = 200
LONGEST_INSTRUCTIONS = 20_000
LONGEST_CONTACT = 200
MOST_CONTACTS = 8
MOST_LINES = 100


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


def empty_content() -> Content:
    """What is said at version 0."""
    return Content(
        modality=None,
        treatment_goals=[],
        focus_areas=[],
        topics_to_avoid=[],
        communication_style=None,
        session_frequency=None,
        safety_plan=empty_safety_plan(),
        companion_enabled=False,
        companion_instructions=None,
    )


def what_differs(before: Content, after: Content) -> list[str]:
    """The names of the fields that say something else."""
    old, new = dict(before), dict(after)
    return [field for field in old if old[field] != new[field]]


class CareContextQuerySet(models.QuerySet["CareContext"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(tenant_id=actor.tenant_id)

    def of_member(self, member_id: uuid.UUID) -> Self:
        return self.filter(member_id=member_id)


class CareContext(TenantOwned):
    class Modality(models.TextChoices):
        CBT = "cbt", "Cognitive behavioural therapy (CBT)"
        DBT = "dbt", "Dialectical behaviour therapy (DBT)"
        ACT = "act", "Acceptance and commitment therapy (ACT)"
        EMDR = "emdr", "Eye movement desensitisation and reprocessing (EMDR)"
        IPT = "ipt", "Interpersonal psychotherapy (IPT)"
        PSYCHODYNAMIC = "psychodynamic", "Psychodynamic therapy"
        SUPPORTIVE = "supportive", "Supportive therapy"
        OTHER = "other", "Other"

    class Style(models.TextChoices):
        WARM = "warm"
        DIRECT = "direct"
        REFLECTIVE = "reflective"
        STRUCTURED = "structured"

    class Frequency(models.TextChoices):
        WEEKLY = "weekly"
        FORTNIGHTLY = "fortnightly"
        MONTHLY = "monthly"
        AS_NEEDED = "as_needed", "As needed"

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
    # The version that last said something else in the safety plan, 0 for none since this is counted.
    plan_version = models.PositiveIntegerField(default=0)
    plan_changed_at = models.DateTimeField(null=True)

    objects: ClassVar[CareContextQuerySet] = CareContextQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant_id", "member_id"], name="care_context_one_per_member"),)

    @property
    def content(self) -> Content:
        return Content(
            modality=self.modality,
            treatment_goals=self.treatment_goals,
            focus_areas=self.focus_areas,
            topics_to_avoid=self.topics_to_avoid,
            communication_style=self.communication_style,
            session_frequency=self.session_frequency,
            safety_plan=self.safety_plan,
            companion_enabled=self.companion_enabled,
            companion_instructions=self.companion_instructions,
        )

    def has_plan(self) -> bool:
        return any(self.safety_plan.values())


class CareContextVersionQuerySet(models.QuerySet["CareContextVersion"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(tenant_id=actor.tenant_id)

    def of_member(self, member_id: uuid.UUID) -> Self:
        return self.filter(member_id=member_id)

    def newest_first(self) -> Self:
        return self.order_by("-version")

    def touching(self, field: str) -> Self:
        """Those that changed a field of the content, with those of which that is not known."""
        return self.filter(models.Q(changed=None) | models.Q(changed__contains=[field]))


class CareContextVersion(TenantOwned):
    """What the care context said at one version, for good: the application may insert here and nothing else.

    `changed` names the fields of the content that the version before had otherwise; null where that was not kept.
    """

    member_id = models.UUIDField()
    version = models.PositiveIntegerField()
    snapshot = EncryptedJSONField()
    made_at = models.DateTimeField(default=now)
    made_by = models.JSONField()
    changed = ArrayField(models.CharField(max_length=40), null=True)

    objects: ClassVar[CareContextVersionQuerySet] = CareContextVersionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "member_id", "version"], name="care_context_version_is_kept_once"
            ),
        )

    @property
    def content(self) -> Content:
        return cast(Content, self.snapshot)

    @property
    def before(self) -> int:
        return self.version - 1


class SafetyPlanReviewQuerySet(models.QuerySet["SafetyPlanReview"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(tenant_id=actor.tenant_id)

    def of_member(self, member_id: uuid.UUID) -> Self:
        return self.filter(member_id=member_id)

    def latest_first(self) -> Self:
        return self.order_by("-reviewed_on", "-recorded_at")


class SafetyPlanReview(TenantOwned):
    """Someone went through the plan with the member on that day; `plan_version` is the version that made the plan so."""

    member_id = models.UUIDField()
    plan_version = models.PositiveIntegerField()
    reviewed_on = models.DateField()
    recorded_at = models.DateTimeField(default=now)
    recorded_by = models.JSONField()

    objects: ClassVar[SafetyPlanReviewQuerySet] = SafetyPlanReviewQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["tenant_id", "member_id", "plan_version", "reviewed_on"],
                name="care_context_plan_is_reviewed_once_a_day",
            ),
        )
        indexes = (models.Index(fields=["tenant_id", "member_id", "-reviewed_on"], name="care_context_last_review"),)


class CrisisContacts(TenantOwned):
    """Whom a tenant's members can call at any hour, a line each: at most one row, at version 0 while there is none."""

    lines = ArrayField(models.CharField(max_length=LONGEST_CONTACT), default=list)
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.JSONField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant_id"], name="care_context_contacts_of_tenant"),)
