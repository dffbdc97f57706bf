"""What a handoff passes on: gathered as far as the consent goes, and frozen for both sides when it is offered.

A content is `{member, care_context?, sessions?, notes?, psychotherapy_notes?, assessments?, crisis_flags?, brief?}`;
each record stands there by the contract's field names. Drafts never travel, nor does a retracted note with what was
added to it: it may be about somebody else. Psychotherapy notes stand under their own name, and nothing else tells that
there are any.
"""

import hashlib
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict

import msgspec
from django.db import models

from apps.assessments.models import CUSTOM as CUSTOM_INSTRUMENT
from apps.assessments.models import Assessment
from apps.care_context.models import CareContext
from apps.care_sessions.models import Session
from apps.core.database import Statement, run_as_one
from apps.crisis.models import CrisisFlag
from apps.handoffs.models import Handoff, Packet, Part
from apps.intelligence import facts
from apps.intelligence.actions import brief_without
from apps.members.actions import Profile
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment
from apps.notes.digests import words
from apps.notes.models import Note
from apps.tenants.context import current_work
from apps.vault.records import restored, unhexed

Content = dict[str, Any]
Fields = tuple[str, ...]
Rows = list[dict[str, Any]]

# How many scores of an instrument stand beside each assessment, the newest last.
LONGEST_HISTORY = 12

CARE_CONTEXT: Fields = (
    "member_id", "version", "modality", "treatment_goals", "focus_areas", "topics_to_avoid", "communication_style",
    "session_frequency", "safety_plan", "companion_enabled", "companion_instructions", "updated_at", "updated_by",
)  # fmt: skip
SESSION: Fields = (
    "id", "member_id", "external_id", "session_type", "modality", "status", "started_at", "ended_at",
    "duration_minutes", "clinician_id", "clinician_name", "mood_before", "mood_after", "summary", "topics",
    "interventions", "homework", "next_session_at", "created_at",
)  # fmt: skip
NOTE: Fields = (
    "id", "member_id", "session_id", "note_type", "status", "signed_at", "signed_by", "author", "version",
    "created_at", "updated_at",
)  # fmt: skip
ASSESSMENT: Fields = (
    "id", "member_id", "instrument", "answers", "administered_at", "administered_by", "session_id", "score",
    "max_score", "severity", "subscales", "item_flags", "crisis_flag_id", "change", "reliable_change", "created_at",
)  # fmt: skip
CUSTOM: Fields = ("name", "score", "min_score", "max_score", "severity")
SCORE: Fields = ("id", "score", "severity", "administered_at")
CRISIS_FLAG: Fields = (
    "id", "member_id", "category", "severity", "description", "source", "occurred_at", "status", "acknowledged_at",
    "acknowledged_by", "resolved_at", "resolution", "respond_by", "escalation_level", "created_at",
)  # fmt: skip


# Which parts of the record decide each figure of the brief.
DECIDED_BY: dict[str, set[str]] = {
    "risk_level": {Part.SESSIONS, Part.ASSESSMENTS, Part.CRISIS_FLAGS},
    "risk_score": {Part.SESSIONS, Part.ASSESSMENTS, Part.CRISIS_FLAGS},
    "engagement_score": {Part.SESSIONS, Part.ASSESSMENTS},
    "mood_trend": {Part.SESSIONS},
    "open_crisis_flags": {Part.CRISIS_FLAGS},
}


class Exclusion(TypedDict, total=False):
    """What was left out.

    `why` is not_in_consent, unsigned or retracted; `count` says how many, where the consent covers that.
    """

    part: str
    why: str
    count: int


class Identity(TypedDict):
    """What assigns the member at the receiver."""

    profile: Profile
    pronouns: str
    timezone: str


def freeze(handoff: Handoff, assignment: Assignment, at: datetime) -> list[Packet]:
    """Both sides' copies, to be sealed each under its holder's key."""
    content, exclusions = gather(assignment, handoff.consent_scope, at)
    digest = hashlib.sha256(msgspec.json.encode(content, order="sorted")).digest()
    return [
        Packet(
            tenant_id=holder,
            handoff=handoff,
            content=content,
            contents=list(content),
            exclusions=exclusions,
            digest=digest,
            frozen_at=at,
        )
        for holder in (handoff.tenant_id, handoff.to_tenant_id)
    ]


def gather(assignment: Assignment, scope: Iterable[str], at: datetime) -> tuple[Content, list[Exclusion]]:
    """The content that a scope lets through, read in one statement whatever the scope, and what it leaves out."""
    covered = set(scope)
    found = _read(assignment.person_id, covered, at)
    content: Content = {"member": _member(assignment)}
    exclusions = [Exclusion(part=part, why="not_in_consent") for part in Part.values if part not in covered]
    if Part.CARE_CONTEXT in covered:
        content["care_context"] = _care_context(found["care_context"], assignment)
    if covered & {Part.NOTES, Part.PSYCHOTHERAPY_NOTES}:
        signed, unsigned = _notes(found["notes"], covered)
        content.update(signed)
        exclusions += unsigned
    if Part.SESSIONS in covered:
        content["sessions"] = _sessions(found["sessions"], content)
    if Part.ASSESSMENTS in covered:
        content["assessments"] = _assessments(found["assessments"], covered)
    if Part.CRISIS_FLAGS in covered:
        content["crisis_flags"] = [_told(restored(CrisisFlag, row), CRISIS_FLAG) for row in found["crisis_flags"]]
    if Part.SUMMARY in covered:
        content["brief"] = _brief(found["facts"], covered, at)
    return content, exclusions


def _read(member_id: uuid.UUID, covered: set[str], at: datetime) -> dict[str, Rows]:
    """The rows that the parts are made from, each kind in the order in which its part lists them."""
    actor = current_work().actor
    asked: dict[str, Statement] = {}
    if Part.CARE_CONTEXT in covered:
        asked["care_context"] = _reading(CareContext.objects.visible_to(actor).of_member(member_id))
    if covered & {Part.NOTES, Part.PSYCHOTHERAPY_NOTES}:
        notes = Note.objects.visible_to(actor).of_member(member_id).with_signatures().newest_first()
        apart = Part.PSYCHOTHERAPY_NOTES not in covered
        asked["notes"] = _reading(notes.apart_from_psychotherapy() if apart else notes)
    if Part.SESSIONS in covered:
        asked["sessions"] = _reading(Session.objects.visible_to(actor).of_member(member_id).newest_first())
    if Part.ASSESSMENTS in covered:
        sheets = Assessment.objects.visible_to(actor).of_member(member_id).order_by("administered_at", "id")
        asked["assessments"] = _reading(sheets)
    if Part.CRISIS_FLAGS in covered:
        asked["crisis_flags"] = _reading(CrisisFlag.objects.visible_to(actor).of_member(member_id).most_urgent_first())
    if Part.SUMMARY in covered:
        asked["facts"] = facts.statement([member_id], at)
    return dict(zip(asked, run_as_one(list(asked.values())), strict=True))


def _reading(rows: models.QuerySet[Any]) -> Statement:
    return rows.query.sql_with_params()


def identity(packet: Packet) -> Identity:
    """Who the member is, from a packet, for the receiver's own assignment."""
    member = packet.content["member"]
    profile = Profile(
        first_name=member["first_name"],
        last_name=member["last_name"],
        preferred_name=member["preferred_name"],
        email=member["email"],
        phone=member["phone"],
        date_of_birth=member["date_of_birth"],
    )
    return Identity(profile=profile, pronouns=member["pronouns"] or "", timezone=member["timezone"])


def _told(row: models.Model, fields: Fields) -> dict[str, Any]:
    return {field: _plain(getattr(row, field)) for field in fields}


def _plain(value: Any) -> Any:
    """A whole score is written as a whole number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _member(assignment: Assignment) -> dict[str, Any]:
    names = ("first_name", "last_name", "preferred_name", "email", "phone", "date_of_birth")
    return {
        "id": assignment.person_id,
        **{name: assignment.profile.get(name) for name in names},
        "pronouns": assignment.pronouns or None,
        "timezone": assignment.timezone,
    }


def _care_context(found: Rows, assignment: Assignment) -> dict[str, Any]:
    never_set = CareContext(tenant_id=assignment.tenant_id, member_id=assignment.person_id)
    return _told(restored(CareContext, found[0]) if found else never_set, CARE_CONTEXT)


def _brief(found: Rows, covered: set[str], at: datetime) -> dict[str, Any]:
    """The brief written from those facts alone that the rest of the consent would show.

    A figure that a part outside the consent would help to decide is null, for nobody may read a 0 as "none". The lists
    hold what was shared, and the summary says what was not.
    """
    if not found:
        raise MemberNotFound
    written = brief_without(
        facts.from_json(found[0], at),
        sessions=Part.SESSIONS in covered,
        assessments=Part.ASSESSMENTS in covered,
        crisis_flags=Part.CRISIS_FLAGS in covered,
    )
    body: dict[str, Any] = msgspec.to_builtins(written.body)
    del body["last_session_at"]
    last = written.body.last_session_at
    for latest in body["latest_assessments"]:
        latest.update({field: _plain(value) for field, value in latest.items()})
    brief = {
        "member_id": written.member_id,
        "generated_at": written.generated_at,
        "risk_level": written.risk_level,
        "risk_score": written.risk_score,
        "mood_trend": written.mood_trend,
        "days_since_last_session": None if last is None else max(0, (written.generated_at - last).days),
        **body,
    }
    return brief | {figure: None for figure, parts in DECIDED_BY.items() if not parts <= covered}


def _notes(found: Rows, covered: set[str]) -> tuple[Content, list[Exclusion]]:
    signed: Content = {str(part): [] for part in (Part.NOTES, Part.PSYCHOTHERAPY_NOTES) if part in covered}
    left_out: Counter[tuple[str, str]] = Counter()
    notes = [_signed(row) for row in found]
    retracted = {note.id for note in notes if note.is_retracted()}
    for note in notes:
        part = str(Part.PSYCHOTHERAPY_NOTES if note.note_type == Note.Type.PSYCHOTHERAPY else Part.NOTES)
        if part not in signed:
            continue
        if not note.is_signed():
            left_out["unsigned", part] += 1
        elif {note.id, note.addendum_to_id} & retracted:
            left_out["retracted", part] += 1
        else:
            signed[part].append({**_told(note, NOTE), "content": words(note), "addendum_to": note.addendum_to_id})
    return signed, [Exclusion(part=part, why=why, count=count) for (why, part), count in left_out.items()]


def _signed(row: dict[str, Any]) -> Note:
    """The note with what `with_signatures` brings."""
    note, digest = restored(Note, row), row["signed_digest"]
    note.signed_digest = None if digest is None else unhexed(digest)
    return note


def _sessions(found: Rows, content: Content) -> list[dict[str, Any]]:
    """Each session names those of its notes that travel with it."""
    notes: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    for note in [*content.get("notes", ()), *content.get("psychotherapy_notes", ())]:
        notes[note["session_id"]].append({field: note[field] for field in ("id", "note_type", "status")})
    sessions = [restored(Session, row) for row in found]
    return [{**_told(session, SESSION), "notes": notes[session.id]} for session in sessions]


def _assessments(found: Rows, covered: set[str]) -> list[dict[str, Any]]:
    """Newest first, each with the scores of its series up to its own. The id of a flag travels only with the flags."""
    series: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    told = []
    for row in found:
        assessment = restored(Assessment, row)
        scores = series[assessment.instrument, assessment.name]
        scores.append(_told(assessment, SCORE))
        one = {**_told(assessment, ASSESSMENT), "custom": None, "score_history": scores[-LONGEST_HISTORY:]}
        if assessment.instrument == CUSTOM_INSTRUMENT:
            one["custom"] = _told(assessment, CUSTOM)
        if Part.CRISIS_FLAGS not in covered:
            one["crisis_flag_id"] = None
        told.append(one)
    return told[::-1]
