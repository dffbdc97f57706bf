"""Care context: endpoints 5 and 6."""

import uuid
from datetime import datetime
from typing import Annotated, Literal, cast

import msgspec
from msgspec import Meta, field
from rest_framework.request import Request

from apps.api_vendor.base import VendorView, reads, writes
from apps.api_vendor.people import Who, who
from apps.audit import recording as audit
from apps.care_context import actions, models
from apps.doors.wire import NOT_BLANK, Answer, Closed, Day, LongText, ShortText

Modality = Literal["cbt", "dbt", "act", "emdr", "ipt", "psychodynamic", "supportive", "other"]
Style = Literal["warm", "direct", "reflective", "structured"]
Frequency = Literal["weekly", "fortnightly", "monthly", "as_needed"]
GoalStatus = Literal["active", "met", "dropped"]
Line = Annotated[str, Meta(min_length=1, max_length=models.LONGEST_LINE), NOT_BLANK]
Lines = Annotated[list[Line], Meta(max_length=models.MOST_LINES)]
Tags = Annotated[list[ShortText], Meta(max_length=models.MOST_LINES)]

LARGEST_VERSION = 2**31 - 2


class Goal(Closed):
    text: Line
    status: GoalStatus = "active"
    target_date: Day | None = None


class SafetyPlan(Closed):
    """Stanley and Brown's steps, each a list of short lines in the member's own words."""

    warning_signs: Lines = field(default_factory=list)
    coping_strategies: Lines = field(default_factory=list)
    social_contacts: Lines = field(default_factory=list)
    helpers: Lines = field(default_factory=list)
    professionals: Lines = field(default_factory=list)
    means_safety: Lines = field(default_factory=list)
    reasons_for_living: Lines = field(default_factory=list)


class NewCareContext(Closed):
    """The whole of it: what is left out becomes empty. `version` is the one that was read, 0 when none was set."""

    version: Annotated[int, Meta(ge=0, le=LARGEST_VERSION)]
    modality: Modality | None = None
    treatment_goals: Annotated[list[Goal], Meta(max_length=models.MOST_LINES)] = field(default_factory=list)
    focus_areas: Tags = field(default_factory=list)
    topics_to_avoid: Lines = field(default_factory=list)
    communication_style: Style | None = None
    session_frequency: Frequency | None = None
    safety_plan: SafetyPlan | None = None
    companion_enabled: bool = False
    companion_instructions: LongText | None = None


class CareContext(Answer):
    member_id: uuid.UUID
    version: int
    modality: Modality | None
    treatment_goals: list[Goal]
    focus_areas: list[str]
    topics_to_avoid: list[str]
    communication_style: Style | None
    session_frequency: Frequency | None
    safety_plan: SafetyPlan
    companion_enabled: bool
    companion_instructions: str | None
    updated_at: datetime | None
    updated_by: Who | None


def present(context: models.CareContext) -> CareContext:
    return CareContext(
        member_id=context.member_id,
        version=context.version,
        modality=cast("Modality | None", context.modality),
        treatment_goals=msgspec.convert(context.treatment_goals, list[Goal]),
        focus_areas=context.focus_areas,
        topics_to_avoid=context.topics_to_avoid,
        communication_style=cast("Style | None", context.communication_style),
        session_frequency=cast("Frequency | None", context.session_frequency),
        safety_plan=msgspec.convert(context.safety_plan, SafetyPlan),
        companion_enabled=context.companion_enabled,
        companion_instructions=context.companion_instructions,
        updated_at=context.updated_at,
        updated_by=who(context.updated_by) if context.updated_by else None,
    )


class CareContextView(VendorView):
    scopes = {"GET": "sessions:read", "PUT": "sessions:write"}

    @reads(answers=CareContext)
    def get(self, request: Request, member_id: uuid.UUID) -> CareContext:
        """A member's care context; version 0 with empty fields where none was set."""
        context = actions.current(member_id)
        audit.record("care_context.read", rows=[context.id] if context.version else [], member_id=member_id)
        return present(context)

    @writes(body=NewCareContext, answers=CareContext)
    def put(self, request: Request, body: NewCareContext, member_id: uuid.UUID) -> CareContext:
        """Replace the care context that was read at `version`; a stale one is a 409."""
        context = actions.update(
            member_id=member_id,
            version=body.version,
            modality=body.modality,
            treatment_goals=msgspec.to_builtins(body.treatment_goals),
            focus_areas=body.focus_areas,
            topics_to_avoid=body.topics_to_avoid,
            communication_style=body.communication_style,
            session_frequency=body.session_frequency,
            safety_plan=msgspec.to_builtins(body.safety_plan or SafetyPlan()),
            companion_enabled=body.companion_enabled,
            companion_instructions=body.companion_instructions,
        )
        return present(context)
