"""A planned session is moved, started, and becomes completed, a no-show or cancelled, once."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from apps.audit.models import Record
from apps.care_sessions import planning
from apps.care_sessions.errors import SessionNotFound, WrongSessionState
from apps.care_sessions.models import Session
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.events.models import Event
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from tests.people import VendorWorld

HOUR = timedelta(hours=1)


@pytest.fixture
def member(vendor: VendorWorld) -> Assignment:
    return vendor.member()


def planned(vendor: VendorWorld, member: Assignment, *, ahead: timedelta = timedelta(minutes=-4)) -> uuid.UUID:
    """A session of one hour from then on; four minutes ago passes for now."""
    with acting_as(vendor.actor):
        session = planning.schedule(
            member_id=member.person_id,
            session_type="individual",
            modality="video",
            started_at=now() + ahead,
            ended_at=now() + ahead + HOUR,
        )
    return session.id


def do(vendor: VendorWorld, verb: Callable[..., Session], session_id: uuid.UUID, **told: object) -> Session:
    with acting_as(vendor.actor):
        return verb(session_id=session_id, **told)


def completed(vendor: VendorWorld, session_id: uuid.UUID, **told: object) -> Session:
    started_at = now() - timedelta(minutes=50)
    return do(vendor, planning.complete, session_id, started_at=started_at, ended_at=now(), **told)


def kept(vendor: VendorWorld, session_id: uuid.UUID) -> Session:
    with acting_as(vendor.actor):
        return Session.objects.visible_to(vendor.actor).get(id=session_id)


def figures(vendor: VendorWorld, member: Assignment) -> tuple[datetime | None, datetime | None]:
    with acting_as(vendor.actor):
        now_kept = Assignment.objects.visible_to(vendor.actor).get(id=member.id)
        return now_kept.last_session_at, now_kept.intelligence_stale_at


def test_a_planned_session_is_of_whoever_plans_it(vendor: VendorWorld, member: Assignment) -> None:
    session = kept(vendor, planned(vendor, member, ahead=HOUR))
    assert (session.status, session.clinician_id, session.duration_minutes) == ("scheduled", vendor.clinician.id, 60)
    assert figures(vendor, member)[0] is None


def test_nothing_is_planned_for_the_past(vendor: VendorWorld, member: Assignment) -> None:
    with pytest.raises(Invalid) as refused:
        planned(vendor, member, ahead=-HOUR)
    assert list(refused.value.fields or {}) == ["started_at"]


def test_a_session_that_starts_has_its_real_time_and_no_end(vendor: VendorWorld, member: Assignment) -> None:
    session_id = planned(vendor, member, ahead=HOUR)
    do(vendor, planning.start, session_id)
    session = kept(vendor, session_id)
    assert session.status == "scheduled"
    assert session.begun_at == session.started_at
    assert session.ended_at is None
    assert now() - session.started_at < timedelta(minutes=1)


def test_one_of_another_day_does_not_start_now(vendor: VendorWorld, member: Assignment) -> None:
    with pytest.raises(WrongSessionState, match="planned for another time"):
        do(vendor, planning.start, planned(vendor, member, ahead=timedelta(days=2)))


def test_completing_keeps_the_report_and_moves_the_members_figures(vendor: VendorWorld, member: Assignment) -> None:
    session_id = planned(vendor, member)
    completed(vendor, session_id, summary="Slept better.", mood_before=3, mood_after=6, topics=["sleep"])
    session = kept(vendor, session_id)
    assert (session.status, session.summary, session.mood_after) == ("completed", "Slept better.", 6)
    assert figures(vendor, member)[0] == session.started_at
    assert figures(vendor, member)[1] is not None


def test_each_change_is_recorded_and_announced(vendor: VendorWorld, member: Assignment) -> None:
    session_id = planned(vendor, member, ahead=HOUR)
    later = now() + timedelta(days=1)
    do(vendor, planning.reschedule, session_id, started_at=later, ended_at=later + HOUR)
    do(vendor, planning.cancel, session_id)
    with acting_as(vendor.actor):
        mine = Record.objects.filter(
            tenant_id=vendor.tenant.id, member_id=member.person_id, action__startswith="session"
        )
        events = Event.objects.filter(tenant_id=vendor.tenant.id, member_id=member.person_id, type="session.logged")
        actions = list(mine.order_by("occurred_at").values_list("action", flat=True))
        changes = [event.data.get("change") for event in events.order_by("id")]
    assert actions == ["session.logged", "session.rescheduled", "session.cancelled"]
    assert changes == [None, "rescheduled", "cancelled"]


@pytest.mark.parametrize("verb", [planning.cancel, planning.no_show])
def test_what_is_over_changes_no_more(vendor: VendorWorld, member: Assignment, verb: Callable[..., Session]) -> None:
    session_id = planned(vendor, member)
    do(vendor, verb, session_id)
    for again in (planning.start, planning.cancel, planning.no_show):
        with pytest.raises(WrongSessionState, match="only a planned one"):
            do(vendor, again, session_id)
    with pytest.raises(WrongSessionState):
        completed(vendor, session_id)


def test_nobody_misses_what_has_not_come(vendor: VendorWorld, member: Assignment) -> None:
    session_id = planned(vendor, member, ahead=HOUR)
    with pytest.raises(WrongSessionState, match="Its time has not come"):
        do(vendor, planning.no_show, session_id)
    with pytest.raises(WrongSessionState, match="has not started"):
        completed(vendor, session_id)


def test_a_session_does_not_end_in_the_future_or_before_it_begins(vendor: VendorWorld, member: Assignment) -> None:
    session_id = planned(vendor, member)
    for ended_at in (now() + HOUR, now() - 2 * HOUR):
        with pytest.raises(Invalid) as refused:
            do(vendor, planning.complete, session_id, started_at=now() - HOUR, ended_at=ended_at)
        assert list(refused.value.fields or {}) == ["ended_at"]


def test_a_started_one_moves_no_more(vendor: VendorWorld, member: Assignment) -> None:
    session_id = planned(vendor, member)
    do(vendor, planning.start, session_id)
    later = now() + HOUR
    with pytest.raises(WrongSessionState, match="has started"):
        do(vendor, planning.reschedule, session_id, started_at=later, ended_at=later + HOUR)


def test_another_vendors_session_is_as_none(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    theirs = planned(other_vendor, other_vendor.member())
    for session_id in (theirs, uuid.uuid4()):
        with pytest.raises(SessionNotFound):
            do(vendor, planning.cancel, session_id)
