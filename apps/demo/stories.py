"""A member's time in care, meeting by meeting: sessions with notes and answer sheets, and the care context's versions."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from apps.assessments import actions as assessments
from apps.assessments.instruments import instrument as definition_of
from apps.care_context import actions as care_context
from apps.care_context.models import Content, empty_safety_plan
from apps.care_sessions import actions as sessions
from apps.care_sessions.models import Session
from apps.core.clock import now, telling_of
from apps.demo import words
from apps.demo.members import Member
from apps.demo.telling import Happening
from apps.members import actions as members
from apps.members.models import Assignment
from apps.notes import actions as notes
from apps.notes.models import Note

NOTE_TYPES = ("soap", "dap", "birp", "girp", "progress", "psychotherapy", "soap", "free_text")
SESSION_TYPES = ("individual", "individual", "individual", "check_in", "family", "individual", "group", "couples")
PLACES = ("video", "in_person", "in_person", "phone", "video", "chat")
FREQUENCIES = {7: "weekly", 14: "fortnightly", 21: "as_needed", 28: "monthly"}
STYLES = ("warm", "direct", "reflective", "structured")


def story_of(member: Member) -> Iterator[Happening]:
    """All that happened with one member, crises and handoffs aside."""
    yield Happening(member.joined - timedelta(minutes=40), member.actor, partial(_arrive, member))
    meetings = list(_meetings(member))
    for number, at in enumerate(meetings):
        told = partial(_meet, member, at, number, last=number == len(meetings) - 1)
        yield Happening(at + timedelta(minutes=60), member.actor, told)
    yield Happening(member.joined + timedelta(minutes=90), member.actor, partial(_agree, member, version=0))
    if len(meetings) > 5:
        halfway = meetings[len(meetings) // 2] + timedelta(minutes=75)
        yield Happening(halfway, member.actor, partial(_agree, member, version=1))
        if member.status == Assignment.Status.ACTIVE and member.number % 3:
            yield Happening(meetings[-1] + timedelta(minutes=80), member.actor, partial(_review_plan, member))
    if member.status != Assignment.Status.ACTIVE:
        yield Happening(member.until, member.actor, partial(_leave, member))
    elif meetings and member.number % 3 == 0:
        yield Happening(member.until, member.actor, partial(_appoint, member))


def _meetings(member: Member) -> Iterator[datetime]:
    at = member.joined
    while at < member.until - timedelta(hours=2):
        yield at
        at += member.every


def _arrive(member: Member) -> None:
    who = member.who
    members.assign(
        person_id=member.id,
        profile=who.profile,
        external_id=who.external_id,
        pronouns=who.pronouns,
        timezone=who.timezone,
        primary_clinician_id=member.clinician.id,
        assigned_at=member.joined - timedelta(minutes=40),
    )


def _leave(member: Member) -> None:
    Assignment.objects.filter(person_id=member.id, ended_at=None).update(status=member.status)


def _meet(member: Member, at: datetime, number: int, *, last: bool) -> None:
    dice = member.dice
    if number > 1 and not last and dice.random() < 0.09:
        _log(member, at, number, status=dice.choice(("no_show", "cancelled")))
        return
    session = _log(member, at, number, status="completed")
    if number == 0 or number % 2 == 0 or last:
        _measure(member, session, at, number)
    if number == 0 or last or dice.random() < 0.75:
        _write_up(member, session, at, number, last=last)


def _log(member: Member, at: datetime, number: int, *, status: str) -> Session:
    dice, focus, passed = member.dice, member.focus, member.passed(at)
    took_place = status == Session.Status.COMPLETED
    return sessions.log(
        member_id=member.id,
        session_type="intake" if number == 0 else SESSION_TYPES[(number + member.number) % len(SESSION_TYPES)],
        modality=PLACES[(number + member.number) % len(PLACES)],
        started_at=at,
        ended_at=at + timedelta(minutes=dice.choice((45, 50, 50, 60))) if took_place else None,
        status=status,
        external_id=f"{member.who.external_id}-S{number:03d}",
        clinician_id=member.clinician.id,
        clinician_name=member.clinician.name,
        mood_before=member.fare.mood(passed, after_session=False) if took_place else None,
        mood_after=member.fare.mood(passed, after_session=True) if took_place else None,
        summary=words.summary(focus, member.fare.direction(passed), dice) if took_place else None,
        topics=dice.sample(focus.topics, 2) if took_place else (),
        interventions=dice.sample(focus.interventions, 1) if took_place else (),
        homework=dice.choice(focus.homework) if took_place and dice.random() < 0.7 else None,
        next_session_at=at + member.every,
    )


def _measure(member: Member, session: Session, at: datetime, number: int) -> None:
    instrument = "phq9" if number % 4 == 0 else member.focus.instrument
    assessments.administer(
        member_id=member.id,
        instrument=instrument,
        answers=member.fare.answers(definition_of(instrument), member.passed(at)),
        administered_at=at,
        administered_by="self" if member.number % 2 else "clinician",
        session_id=session.id,
    )


def _write_up(member: Member, session: Session, at: datetime, number: int, *, last: bool) -> None:
    """Most notes are signed the same day; the newest ones wait as drafts, and now and then something is added."""
    dice, focus = member.dice, member.focus
    note_type = NOTE_TYPES[(number + member.number) % len(NOTE_TYPES)]
    if number == 0:
        note_type = "intake"
    elif last and member.status == Assignment.Status.DISCHARGED:
        note_type = "discharge"
    note = notes.write(
        session_id=session.id,
        note_type=note_type,
        content=words.note_content(note_type, focus, member.fare.direction(member.passed(at)), dice),
        signed=not (last and member.number % 2 == 0) or note_type == "discharge",
    )
    if note.status == Note.Status.SIGNED and number > 0 and dice.random() < 0.05:
        with telling_of(min(at + timedelta(hours=22), member.until)):
            notes.addend(note_id=note.id, content=words.addendum_content(note_type, focus, dice), signed=True)


def _agree(member: Member, *, version: int) -> None:
    care_context.update(member_id=member.id, version=version, **_content(member, version))


def _review_plan(member: Member) -> None:
    """Most plans are gone through at the last meeting; the others have become old."""
    context = care_context.current(member.id)
    care_context.review_plan(member_id=member.id, plan_version=context.plan_version, reviewed_on=now().date())


def _content(member: Member, version: int) -> Content:
    dice, focus = member.dice, member.focus
    due = (member.joined + timedelta(days=180)).date().isoformat()
    return Content(
        modality=focus.modality,
        treatment_goals=[
            {"text": text, "status": "met" if version and not number else "active", "target_date": due}
            for number, text in enumerate(focus.goals)
        ],
        focus_areas=[focus.code, focus.topics[0]],
        topics_to_avoid=["the divorce"] if member.number % 5 == 0 else [],
        communication_style=STYLES[member.number % len(STYLES)],
        session_frequency=FREQUENCIES[member.every.days],
        safety_plan=words.safety_plan(dice) if version or member.number % 4 == 0 else empty_safety_plan(),
        companion_enabled=member.number % 2 == 0,
        companion_instructions="Keep it short. Ask about sleep first." if member.number % 2 == 0 else None,
    )


def _appoint(member: Member) -> None:
    sessions.log(
        member_id=member.id,
        session_type="individual",
        modality="video",
        status="scheduled",
        started_at=(member.until + timedelta(days=1 + member.number % 6)).replace(minute=0, second=0, microsecond=0),
        clinician_id=member.clinician.id,
        clinician_name=member.clinician.name,
    )
