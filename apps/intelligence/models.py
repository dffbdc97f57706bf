"""Intelligence: what stands out about a member, computed by rules that anyone can check.

A **brief** holds risk with the factors whose points add up to it, engagement, mood trend, the latest score of each
instrument, and plain sentences made from the same facts. `rules.py` says how each figure is reached and where it
comes from; `facts.py` reads what the rules look at; `actions.py` keeps one brief for each member of each tenant, and
with it the risk and open flags in the assignment. What a crisis flag or an assessment changes is computed before
that change commits; what else happens marks the assignment stale, and a job follows within seconds.

The brief of one member is computed when it is asked for, so that it is never behind; the list reads the kept ones.
"""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, OuterRef

from apps.core.actor import Actor
from apps.core.clock import now
from apps.members.models import Assignment, Risk
from apps.tenants.models import TenantOwned


class MoodTrend(models.TextChoices):
    IMPROVING = "improving"
    STABLE = "stable"
    DECLINING = "declining"
    INSUFFICIENT_DATA = "insufficient_data"


class BriefQuerySet(models.QuerySet["Brief"]):
    def visible_to(self, actor: Actor) -> Self:
        """The briefs of the members that are assigned to the actor's tenant."""
        current = Assignment.objects.filter(
            tenant_id=OuterRef("tenant_id"), person_id=OuterRef("member_id"), ended_at=None
        )
        return self.filter(Exists(current), tenant_id=actor.tenant_id)

    def at_risk_level(self, level: str) -> Self:
        return self.filter(risk_level=level)

    def with_mood_trend(self, trend: str) -> Self:
        return self.filter(mood_trend=trend)

    def highest_risk_first(self) -> Self:
        return self.order_by("-risk_score", "member_id")


class Brief(TenantOwned):
    """`body` is `rules.Body`: all the figures of the brief that no list is filtered or sorted by."""

    member_id = models.UUIDField()
    generated_at = models.DateTimeField(default=now)
    risk_level = models.CharField(max_length=20, choices=Risk)
    risk_score = models.PositiveSmallIntegerField()
    mood_trend = models.CharField(max_length=20, choices=MoodTrend)
    body = models.JSONField()

    objects: ClassVar[BriefQuerySet] = BriefQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["tenant_id", "member_id"], name="intelligence_one_brief_a_member"),
            models.CheckConstraint(
                condition=models.Q(risk_score__range=(0, 100)), name="intelligence_risk_from_0_to_100"
            ),
        )
        indexes = (
            models.Index(fields=["tenant_id", "-risk_score", "member_id"], name="intelligence_highest_first"),
            models.Index(fields=["tenant_id", "risk_level", "-risk_score", "member_id"], name="intelligence_by_level"),
            models.Index(fields=["tenant_id", "mood_trend", "-risk_score", "member_id"], name="intelligence_by_mood"),
            models.Index(fields=["tenant_id", "generated_at"], name="intelligence_by_age"),
        )
