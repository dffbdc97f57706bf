"""Assessments: endpoints 12 and 13."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal, cast

import msgspec
from msgspec import Meta, field
from rest_framework.request import Request

from apps.api_vendor.base import VendorView, reads, writes
from apps.api_vendor.pagination import ListQuery, Page, page
from apps.api_vendor.periods import Moment, ending, starting
from apps.assessments import actions, models
from apps.assessments.custom import LARGEST
from apps.audit import recording as audit
from apps.doors.wire import NOT_BLANK, Answer, Closed, Instant, ShortText
from apps.members.counting import count_of_member

Instrument = Literal[
    "phq9", "phq2", "gad7", "gad2", "pss10", "who5", "dass21", "pcl5", "audit_c", "cssrs_screen", "custom"
]
By = Literal["clinician", "self"]
Figure = Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]
# The scorer names the item that does not fit; a type would stop at the first of them.
Answers = Annotated[list[Any], Meta(max_length=200, extra_json_schema={"items": {"type": "integer"}})]


class SubscaleScore(Answer):
    score: int
    severity: str | None


class ItemFlag(Answer):
    """`item` counts from 1; `value` is the answer."""

    item: int
    code: str
    value: int


class Custom(Answer):
    name: str
    score: float | int
    min_score: float | int
    max_score: float | int
    severity: str


class Assessment(Answer):
    id: uuid.UUID
    member_id: uuid.UUID
    instrument: Instrument
    answers: list[int]
    administered_at: datetime
    administered_by: By | None
    session_id: uuid.UUID | None
    custom: Custom | None
    score: float | int
    max_score: float | int
    severity: str
    subscales: dict[str, SubscaleScore]
    item_flags: list[ItemFlag]
    crisis_flag_id: uuid.UUID | None
    change: float | int | None
    reliable_change: bool | None
    created_at: datetime


class NewCustom(Closed):
    name: ShortText
    score: Figure
    min_score: Figure
    max_score: Figure
    severity: Annotated[str, Meta(min_length=1, max_length=50), NOT_BLANK]


class NewAssessment(Closed):
    """`answers`: one whole number an item, in the items' order; absent or empty for `custom`."""

    member_id: uuid.UUID
    instrument: Instrument
    answers: Answers | None = None
    administered_at: Instant | None = None
    administered_by: By | None = None
    session_id: uuid.UUID | None = None
    custom: NewCustom | None = None


class AssessmentQuery(ListQuery):
    """`from` and `to` ask by `administered_at`; each is an instant or a date, inclusive."""

    member_id: uuid.UUID | None = None
    instrument: Instrument | None = None
    from_: Moment | None = field(name="from", default=None)
    to: Moment | None = None


def number(value: float) -> float | int:
    """Scores of the instruments are whole; only a custom one may not be."""
    return int(value) if value.is_integer() else value


def present(assessment: models.Assessment) -> Assessment:
    custom = None
    if assessment.instrument == models.CUSTOM:
        custom = Custom(
            name=assessment.name,
            score=number(float(assessment.score)),
            min_score=number(float(assessment.min_score)),
            max_score=number(float(assessment.max_score)),
            severity=assessment.severity,
        )
    return Assessment(
        id=assessment.id,
        member_id=assessment.member_id,
        instrument=cast(Instrument, assessment.instrument),
        answers=assessment.answers,
        administered_at=assessment.administered_at,
        administered_by=cast(By | None, assessment.administered_by),
        session_id=assessment.session_id,
        custom=custom,
        score=number(float(assessment.score)),
        max_score=number(float(assessment.max_score)),
        severity=assessment.severity,
        subscales=msgspec.convert(assessment.subscales, dict[str, SubscaleScore]),
        item_flags=msgspec.convert(assessment.item_flags, list[ItemFlag]),
        crisis_flag_id=assessment.crisis_flag_id,
        change=None if assessment.change is None else number(float(assessment.change)),
        reliable_change=assessment.reliable_change,
        created_at=assessment.created_at,
    )


class AssessmentList(VendorView):
    scopes = {"GET": "assessments:read", "POST": "assessments:write"}

    @reads(query=AssessmentQuery, answers=Page[Assessment])
    def get(self, request: Request, query: AssessmentQuery) -> Page[Assessment]:
        """Assessments, newest first."""
        found = models.Assessment.objects.visible_to(self.actor)
        if query.instrument is not None:
            found = found.of_instrument(query.instrument)
        if (since := starting(query.from_)) is not None:
            found = found.administered_from(since)
        if (until := ending(query.to)) is not None:
            found = found.administered_until(until)
        if query.member_id is None:
            count = found.count()
        else:
            found = found.of_member(query.member_id)
            count = count_of_member(found, query.member_id)
        shown = list(found.newest_first()[query.offset : query.offset + query.limit])
        audit.record("assessment.listed", rows=[each.id for each in shown], member_id=query.member_id)
        return page(request, query, count, [present(each) for each in shown])

    @writes(body=NewAssessment, answers=Assessment, status=201)
    def post(self, request: Request, body: NewAssessment) -> Assessment:
        """Score an answer sheet; a positive suicide item also opens a crisis flag."""
        assessment = actions.administer(
            member_id=body.member_id,
            instrument=body.instrument,
            answers=body.answers,
            custom=None if body.custom is None else msgspec.structs.asdict(body.custom),
            administered_at=body.administered_at,
            administered_by=body.administered_by,
            session_id=body.session_id,
        )
        return present(assessment)
