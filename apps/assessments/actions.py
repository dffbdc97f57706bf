"""Verbs of assessments: administer one."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from apps.assessments.custom import read_custom
from apps.assessments.instruments import Instrument
from apps.assessments.instruments import instrument as definition_of
from apps.assessments.models import CUSTOM, Assessment
from apps.assessments.policies import why_not_administered, why_not_this_sheet
from apps.assessments.scoring import SCORER_VERSION, CrisisTrigger, change, score
from apps.audit import recording as audit
from apps.care_sessions.models import Session
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.core.ids import uuid7
from apps.crisis import actions as crisis
from apps.crisis.models import CrisisFlag, Source
from apps.crisis.rules import Rules, rules_of
from apps.crisis.settings import kept_rules
from apps.events import recording as events
from apps.members.actions import touched
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.tenants.context import current_work


@dataclass(frozen=True, slots=True)
class Result:
    """What a sheet, or a score from elsewhere, comes to."""

    definition: Instrument | None
    name: str
    answers: list[int]
    score: float
    min_score: float
    max_score: float
    severity: str
    subscales: dict[str, Any]
    item_flags: list[dict[str, Any]]
    crisis: CrisisTrigger | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The series in which a new assessment takes its place: the score before, and the row after, if any.

    And the tenant's rules for a crisis, should it open one.
    """

    previous: float | None
    following_id: uuid.UUID | None
    crisis_rules: Rules


def administer(
    *,
    member_id: uuid.UUID,
    instrument: str,
    answers: object = None,
    custom: Mapping[str, object] | None = None,
    administered_at: datetime | None = None,
    administered_by: str | None = None,
    session_id: uuid.UUID | None = None,
) -> Assessment:
    """Score a complete sheet, or take a custom score, for an assigned member.

    `answers` are whole numbers in the items' order, each in its item's range. A positive item that has a flag rule
    opens a crisis flag in the same transaction. Raises `MemberNotFound`, and `Invalid` by field: an incomplete or
    out-of-range sheet, a session that is not this member's, a moment that has not come.
    """
    at = administered_at or now()
    result = _result(instrument, answers, custom, at)
    around = _surroundings(member_id, instrument, result.name, at, session_id)
    flag = _flag(member_id, result, around.crisis_rules, at)
    difference, reliable = _change(result.definition, around.previous, result.score)
    assessment = Assessment(
        id=uuid7(),
        tenant_id=current_work().tenant_id,
        member_id=member_id,
        instrument=instrument,
        name=result.name,
        instrument_version=result.definition.version if result.definition else "",
        scorer_version=SCORER_VERSION if result.definition else "",
        answers=result.answers,
        score=result.score,
        min_score=result.min_score,
        max_score=result.max_score,
        severity=result.severity,
        subscales=result.subscales,
        item_flags=result.item_flags,
        change=difference,
        reliable_change=reliable,
        crisis_flag=flag,
        session_id=session_id,
        administered_at=at,
        administered_by=administered_by,
        recorded_by=current_work().actor.reference(),
    )
    assessment.save(force_insert=True)
    if around.following_id is not None:
        _compare_again(around.following_id, result)
    _tell(assessment, around.following_id)
    return assessment


def _result(instrument: str, answers: object, custom: Mapping[str, object] | None, at: datetime) -> Result:
    faults = {**why_not_this_sheet(instrument, answers, custom), **why_not_administered(at, now())}
    if faults:
        raise Invalid("Some fields are not valid.", fields=faults)
    return _custom(custom) if custom is not None else _scored(definition_of(instrument), answers)


def _scored(definition: Instrument, answers: Any) -> Result:
    found = score(definition, answers)
    return Result(
        definition=definition,
        name="",
        answers=list(answers),
        score=found.score,
        min_score=definition.min_score,
        max_score=found.max_score,
        severity=found.severity,
        subscales=msgspec.to_builtins(found.subscales),
        item_flags=msgspec.to_builtins(found.item_flags),
        crisis=found.crisis,
    )


def _custom(custom: Mapping[str, object]) -> Result:
    told = read_custom(custom)
    return Result(
        definition=None,
        name=told.name,
        answers=[],
        score=told.score,
        min_score=told.min_score,
        max_score=told.max_score,
        severity=told.severity,
        subscales={},
        item_flags=[],
        crisis=None,
    )


def _surroundings(
    member_id: uuid.UUID, instrument: str, name: str, at: datetime, session_id: uuid.UUID | None
) -> Surroundings:
    """Lock the member's assignment and look around in one statement. `MemberNotFound`; `Invalid` for the session."""
    tenant_id = current_work().tenant_id
    series = Assessment.objects.filter(
        tenant_id=OuterRef("tenant_id"), member_id=OuterRef("person_id"), instrument=instrument, name=name
    )
    before = series.filter(administered_at__lte=at).order_by("-administered_at", "-id")
    after = series.filter(administered_at__gt=at).order_by("administered_at", "id")
    held = Session.objects.filter(
        tenant_id=OuterRef("tenant_id"), member_id=OuterRef("person_id"), id=session_id or uuid.UUID(int=0)
    )
    found: QuerySet[Assignment, Any] = (
        Assignment.objects.filter(tenant_id=tenant_id, person_id=member_id, ended_at=None)
        .select_for_update(no_key=True)
        .values_list(
            "id",
            Subquery(before.values("score")[:1]),
            Subquery(after.values("id")[:1]),
            Exists(held),
            kept_rules(OuterRef("tenant_id")),
        )
    )
    row = found.first()
    if row is None:
        raise MemberNotFound
    _, previous, following_id, held_here, crisis_rules = row
    if session_id is not None and not held_here:
        raise Invalid.field("session_id", "There is no such session with this member.")
    return Surroundings(previous, following_id, rules_of(crisis_rules))


def _flag(member_id: uuid.UUID, result: Result, rules: Rules, at: datetime) -> CrisisFlag | None:
    trigger = result.crisis
    if trigger is None or result.definition is None:
        return None
    item = result.definition.items[trigger.item - 1]
    given = result.answers[trigger.item - 1]
    words = next(option.label for option in item.options if option.value == given)
    return crisis.open_on_locked(
        rules,
        member_id=member_id,
        category=trigger.category,
        severity=trigger.severity,
        description=f"{result.definition.name}, item {item.number} ({item.text}) was answered: {words}.",
        source=Source.ASSESSMENT,
        occurred_at=at,
    )


def _change(definition: Instrument | None, previous: float | None, current: float) -> tuple[float | None, bool | None]:
    if definition is not None:
        return change(definition, None if previous is None else int(previous), int(current))
    return (None if previous is None else current - previous), None


def _compare_again(following_id: uuid.UUID, result: Result) -> None:
    """One that is told late takes its place in the series: the next one is now measured against it."""
    following = Assessment.objects.defer("answers", "item_flags").get(
        tenant_id=current_work().tenant_id, id=following_id
    )
    following.change, following.reliable_change = _change(result.definition, result.score, following.score)
    following.save(update_fields=["change", "reliable_change"])


def _tell(assessment: Assessment, compared_again: uuid.UUID | None) -> None:
    """One audit record names every row that was written: the sheet, its flag, and the next sheet of a late one."""
    codes: dict[str, object] = {"instrument": assessment.instrument}
    flag_id = assessment.crisis_flag_id
    data = {
        "assessment_id": str(assessment.id),
        "score": assessment.score,
        "max_score": assessment.max_score,
        "change": assessment.change,
        "reliable_change": assessment.reliable_change,
        "crisis_flag_id": str(flag_id) if flag_id else None,
        **codes,
    }
    # The severity of a custom score is the sender's own text.
    if assessment.instrument != CUSTOM:
        data["severity"] = assessment.severity
    audit.record(
        "assessment.completed",
        rows=[row for row in (assessment.id, flag_id, compared_again) if row is not None],
        member_id=assessment.member_id,
        details={**codes, "opened_flag": flag_id is not None},
    )
    events.record("assessment.completed", member_id=assessment.member_id, data=data)
    touched(assessment.member_id)
