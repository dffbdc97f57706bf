"""Crisis flags: someone may be in danger, and somebody has to answer in time.

A flag is **open** from the moment it is raised, **acknowledged** once a person has taken it on, and **resolved** with a
disposition; everything that is not resolved counts as open risk. Its first answer is due at `respond_by`. While nobody
answers, or nothing is resolved in time after that, the flag climbs a ladder: clinician (who has it from the start,
level 0), covering clinician, supervisor, vendor lead, operator. The ladder and its times are frozen on the flag when it is
raised (`policy`), so that a later change of the rules rewrites no running flag. Each rung reached is an **escalation
step**, whether it fell due or somebody called it. What people did meanwhile is kept with the flag as **flag actions**.

The rules, and the wording that is read first at a positive suicide item, are the tenant's own **crisis settings**, or the
defaults of `rules.py` where it decided nothing.

`escalate_at` is the moment at which the next rung falls due, null when there is none. `rank` sorts a list: open, then
acknowledged, then resolved; within each the most severe first.
"""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.actor import Actor
from apps.core.clock import now
from apps.tenants.models import TenantOwned
from apps.vault.fields import EncryptedTextField


class Category(models.TextChoices):
    SUICIDE_IDEATION = "suicide_ideation"
    SELF_HARM = "self_harm"
    HARM_TO_OTHERS = "harm_to_others"
    CRISIS_DISTRESS = "crisis_distress"


class Severity(models.TextChoices):
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"


class Source(models.TextChoices):
    CLINICIAN = "clinician"
    ASSESSMENT = "assessment"
    COMPANION = "companion"
    TEXT_ANALYSIS = "text_analysis"
    PARTNER = "partner"


class Status(models.TextChoices):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Disposition(models.TextChoices):
    NO_CURRENT_RISK = "no_current_risk"
    SAFETY_PLAN = "safety_plan"
    HIGHER_CARE = "higher_care"
    EMERGENCY_SERVICES = "emergency_services"
    REFERRED = "referred"
    TRANSFERRED = "transferred"
    ENTERED_IN_ERROR = "entered_in_error"


def rank_of(status: str, severity: str) -> int:
    """0 for an open critical flag up to 11 for a resolved low one: the order of every list."""
    return Status.values.index(status) * len(Severity.values) + Severity.values[::-1].index(severity)


class CrisisFlagQuerySet(models.QuerySet["CrisisFlag"]):
    def visible_to(self, actor: Actor) -> "CrisisFlagQuerySet":
        """The flags that the actor's tenant holds."""
        return self.filter(tenant_id=actor.tenant_id)

    def unresolved(self) -> "CrisisFlagQuerySet":
        return self.filter(resolved_at=None)

    def of_member(self, member_id: uuid.UUID) -> "CrisisFlagQuerySet":
        return self.filter(member_id=member_id)

    def of_category(self, category: str) -> "CrisisFlagQuerySet":
        return self.filter(category=category)

    def with_status(self, status: str) -> "CrisisFlagQuerySet":
        return self.filter(rank__in=[rank_of(status, severity) for severity in Severity.values])

    def of_severity(self, severity: str) -> "CrisisFlagQuerySet":
        return self.filter(rank__in=[rank_of(status, severity) for status in Status.values])

    def most_urgent_first(self) -> "CrisisFlagQuerySet":
        return self.order_by("rank", "-created_at", "-id")


class CrisisFlag(TenantOwned):
    member_id = models.UUIDField()
    category = models.CharField(max_length=20, choices=Category)
    severity = models.CharField(max_length=20, choices=Severity)
    source = models.CharField(max_length=20, choices=Source, default=Source.CLINICIAN)
    description = EncryptedTextField()
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN)
    rank = models.PositiveSmallIntegerField()
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(default=now)
    raised_by = models.JSONField()
    respond_by = models.DateTimeField()
    policy = models.JSONField()
    escalation_level = models.PositiveSmallIntegerField(default=0)
    escalate_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.JSONField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.JSONField(null=True)
    disposition = models.CharField(max_length=20, choices=Disposition, default="")
    resolution = EncryptedTextField(null=True)
    handoff_id = models.UUIDField(null=True)

    objects: ClassVar[CrisisFlagQuerySet] = CrisisFlagQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(severity__in=Severity.values), name="crisis_severity_is_known"),
            models.CheckConstraint(condition=models.Q(category__in=Category.values), name="crisis_category_is_known"),
            models.CheckConstraint(condition=models.Q(source__in=Source.values), name="crisis_source_is_known"),
            models.CheckConstraint(
                condition=models.Q(acknowledged_at=None, acknowledged_by__isnull=True)
                | models.Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
                name="crisis_acknowledged_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=models.Q(resolved_at=None, resolved_by__isnull=True, disposition="")
                | (models.Q(resolved_at__isnull=False, resolved_by__isnull=False) & ~models.Q(disposition="")),
                name="crisis_resolved_when_by_whom_and_how",
            ),
            models.CheckConstraint(
                condition=models.Q(status="open", acknowledged_at=None, resolved_at=None)
                | models.Q(status="acknowledged", acknowledged_at__isnull=False, resolved_at=None)
                | models.Q(status="resolved", resolved_at__isnull=False),
                name="crisis_status_says_what_was_done",
            ),
        )
        indexes = (
            models.Index(fields=["tenant_id", "rank", "-created_at", "-id"], name="crisis_urgent_first"),
            models.Index(fields=["tenant_id", "member_id", "rank", "-created_at", "-id"], name="crisis_of_member"),
            models.Index(
                fields=["tenant_id", "escalate_at"],
                condition=models.Q(escalate_at__isnull=False),
                name="crisis_next_to_escalate",
            ),
        )


class EscalationStep(TenantOwned):
    """One rung of the ladder that one flag reached: which, when, why, and whom it went to.

    `rung` is the one that fell due, `reached` the nearest from there up that somebody stands on; `recipients` are
    accounts of that rung, empty only where nobody stands anywhere above.
    """

    class Reason(models.TextChoices):
        UNACKNOWLEDGED = "unacknowledged"
        UNRESOLVED = "unresolved"
        BY_HAND = "by_hand"

    flag = models.ForeignKey(CrisisFlag, on_delete=models.PROTECT, related_name="steps", db_index=False)
    level = models.PositiveSmallIntegerField()
    rung = models.CharField(max_length=20)
    reached = models.CharField(max_length=20)
    recipients = ArrayField(models.UUIDField(), default=list)
    reason = models.CharField(max_length=20, choices=Reason)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["tenant_id", "flag", "level"], name="crisis_one_step_a_level"),)


class CrisisSettings(TenantOwned):
    """What a tenant decided of its crisis response: at most one row each. `rules` is a `rules.Rules`.

    `version` counts the changes; 0 is a row that was never changed.
    """

    wording = models.TextField()
    rules = models.JSONField()
    version = models.PositiveIntegerField()
    changed_at = models.DateTimeField(default=now)
    changed_by = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant_id"], name="crisis_settings_of_tenant"),
            models.CheckConstraint(condition=models.Q(wording__regex=r"\S"), name="crisis_wording_is_not_blank"),
        )

    @property
    def is_default(self) -> bool:
        return self.version == 0


class FlagAction(TenantOwned):
    """What somebody did about a flag, in their words; for `ESCALATED`, why they called the next rung. Never changed."""

    class Kind(models.TextChoices):
        DONE = "done"
        ESCALATED = "escalated"

    flag = models.ForeignKey(CrisisFlag, on_delete=models.PROTECT, related_name="actions", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.DONE)
    what = EncryptedTextField()
    by = models.JSONField()
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = (models.Index(fields=["tenant_id", "flag", "at"], name="crisis_actions_of_flag"),)
