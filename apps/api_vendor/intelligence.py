"""Intelligence: endpoints 3 and 4."""

import uuid
from datetime import datetime
from typing import Annotated, Literal, cast

import msgspec
from msgspec import Meta
from rest_framework.request import Request

from apps.api_vendor.assessments import Instrument, number
from apps.api_vendor.base import VendorView, reads
from apps.api_vendor.members import RiskLevel
from apps.api_vendor.pagination import ListQuery, Page, page
from apps.audit import recording as audit
from apps.core.clock import now
from apps.doors.wire import Answer
from apps.intelligence import models
from apps.intelligence.actions import brief_of
from apps.intelligence.writing import Body, LatestScore, Written

MoodTrend = Literal["improving", "stable", "declining", "insufficient_data"]
Percent = Annotated[int, Meta(ge=0, le=100)]
Mood = Annotated[float, Meta(ge=1, le=5)]


class RiskFactor(Answer):
    code: str
    label: str
    points: int
    evidence: str


class LatestAssessment(Answer):
    id: uuid.UUID
    instrument: Instrument
    score: float | int
    max_score: float | int
    severity: str
    change: float | int | None
    reliable_change: bool | None
    administered_at: datetime


class PassedBrief(Answer):
    """A brief as far as a consent lets it pass: null stands where a part that was not shared decides.

    `risk_level` and `risk_score` need sessions, assessments and crisis flags, `engagement_score` sessions and
    assessments, mood sessions, `open_crisis_flags` crisis flags. The lists hold what was shared; `summary` says what
    the brief rests on and what was not shared.
    """

    member_id: uuid.UUID
    generated_at: datetime
    risk_level: RiskLevel | None
    risk_score: Percent | None
    risk_factors: list[RiskFactor]
    engagement_score: Percent | None
    mood_trend: MoodTrend | None
    mood_average_7d: Mood | None
    mood_average_30d: Mood | None
    latest_assessments: list[LatestAssessment]
    open_crisis_flags: int | None
    days_since_last_session: int | None
    summary: str
    suggested_actions: list[str]


class Brief(PassedBrief):
    """The points of `risk_factors` add up to `risk_score` before it is capped at 100."""

    risk_level: RiskLevel
    risk_score: Percent
    engagement_score: Percent
    mood_trend: MoodTrend
    open_crisis_flags: int


class BriefQuery(ListQuery):
    risk_level: RiskLevel | None = None
    mood_trend: MoodTrend | None = None


def present(brief: Written, at: datetime) -> Brief:
    """A brief as the contract shows it at `at`; only the days since the last session go on counting."""
    body = brief.body
    return Brief(
        member_id=brief.member_id,
        generated_at=brief.generated_at,
        risk_level=brief.risk_level,
        risk_score=brief.risk_score,
        risk_factors=[
            RiskFactor(code=each.code, label=each.label, points=each.points, evidence=each.evidence)
            for each in body.risk_factors
        ],
        engagement_score=body.engagement_score,
        mood_trend=brief.mood_trend,
        mood_average_7d=body.mood_average_7d,
        mood_average_30d=body.mood_average_30d,
        latest_assessments=[_latest(each) for each in body.latest_assessments],
        open_crisis_flags=body.open_crisis_flags,
        days_since_last_session=max(0, (at - body.last_session_at).days) if body.last_session_at else None,
        summary=body.summary,
        suggested_actions=body.suggested_actions,
    )


def _latest(score: LatestScore) -> LatestAssessment:
    return LatestAssessment(
        id=score.id,
        instrument=cast(Instrument, score.instrument),
        score=number(score.score),
        max_score=number(score.max_score),
        severity=score.severity,
        change=None if score.change is None else number(score.change),
        reliable_change=score.reliable_change,
        administered_at=score.administered_at,
    )


def _kept(brief: models.Brief) -> Written:
    return Written(
        member_id=brief.member_id,
        generated_at=brief.generated_at,
        risk_level=cast(RiskLevel, brief.risk_level),
        risk_score=brief.risk_score,
        mood_trend=cast(MoodTrend, brief.mood_trend),
        body=msgspec.convert(brief.body, Body),
    )


class BriefList(VendorView):
    scopes = {"GET": "sessions:read"}

    @reads(query=BriefQuery, answers=Page[Brief])
    def get(self, request: Request, query: BriefQuery) -> Page[Brief]:
        """Briefs of all members, highest risk first."""
        found = models.Brief.objects.visible_to(self.actor)
        if query.risk_level is not None:
            found = found.at_risk_level(query.risk_level)
        if query.mood_trend is not None:
            found = found.with_mood_trend(query.mood_trend)
        count = found.count()
        shown = list(found.highest_risk_first()[query.offset : query.offset + query.limit])
        audit.record("intelligence.listed", rows=[brief.id for brief in shown])
        at = now()
        return page(request, query, count, [present(_kept(brief), at) for brief in shown])


class MemberBrief(VendorView):
    scopes = {"GET": "sessions:read"}

    @reads(answers=Brief)
    def get(self, request: Request, member_id: uuid.UUID) -> Brief:
        """A member's brief, computed now."""
        brief = brief_of(member_id=member_id)
        audit.record("intelligence.read", member_id=member_id)
        return present(brief, brief.generated_at)
