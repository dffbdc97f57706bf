"""Outcomes: what is counted, what is too little to be shown, and who sees whose."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts.models import Membership
from apps.assessments.actions import administer
from apps.assessments.models import Assessment
from apps.care_sessions.models import Session
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.core.ids import uuid7
from apps.core.waits import Waits
from apps.crisis import actions as crisis
from apps.members.models import Assignment
from apps.notes import actions as notes
from apps.notes import outcomes as lagging
from apps.portal import bars, outcomes
from apps.portal.templatetags.portal import span
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.people import VendorWorld
from tests.portal.people import portal

OUTCOMES = "/portal/outcomes/"
# What a PHQ-9 of that total is answered like, item 9 left out.
SHEETS = {0: [0] * 9, 6: [1] * 6 + [0] * 3, 12: [2] * 6 + [0] * 3, 18: [3] * 6 + [0] * 3}


def measured(vendor: VendorWorld, *scores: int) -> Assignment:
    """A member with these scores, the first a year ago and the rest of late."""
    member = vendor.member()
    with acting_as(vendor.actor):
        for place, score in enumerate(scores):
            at = now() - (timedelta(days=400) if place == 0 else timedelta(days=20 - place))
            administer(member_id=member.person_id, instrument="phq9", answers=SHEETS[score], administered_at=at)
    return member


def numbers(page: str, heading: str) -> dict[str, str]:
    """The table that follows a heading, number by label."""
    part = page[page.index(heading) :]
    rows = part[part.index("<tbody>") : part.index("</tbody>")]
    return dict(re.findall(r'</span>([^<]+)</th><td class="figure">(\d+)', rows))


@pytest.fixture
def admin(vendor: VendorWorld) -> Client:
    return portal(vendor, vendor.admin)


def page_of(client: Client, **asked: str) -> str:
    return client.get(OUTCOMES, asked).content.decode()


def test_members_are_counted_by_reliable_change_from_their_first_score(
    admin: Client, vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    for scores in ((18, 12, 6), (12, 6), (12, 12), (6, 12), (0, 18, 0)):
        measured(vendor, *scores)
    measured(other_vendor, 18, 0)
    page = page_of(admin)
    assert numbers(page, "PHQ-9") == {"Improved": "2", "Unchanged": "2", "Deteriorated": "1"}
    assert "5 members with two scores or more, 0 with one" in page
    assert "6 points or more" in page


def test_a_change_below_the_instruments_points_is_none(admin: Client, vendor: VendorWorld) -> None:
    for _ in range(5):
        member = measured(vendor, 6)
        with acting_as(vendor.actor):
            administer(member_id=member.person_id, instrument="phq9", answers=[1] * 5 + [0] * 4)
    assert numbers(page_of(admin), "PHQ-9") == {"Improved": "0", "Unchanged": "5", "Deteriorated": "0"}


def test_fewer_than_five_are_not_shown(admin: Client, vendor: VendorWorld) -> None:
    for _ in range(4):
        measured(vendor, 18, 0)
    page = page_of(admin)
    assert "Fewer than 5 members can be compared" in page
    assert "Improved" not in page


def test_a_positive_item_9_waits_until_its_flag_is_taken_on(admin: Client, vendor: VendorWorld) -> None:
    for place in range(3):
        member = vendor.member()
        with acting_as(vendor.actor):
            flag = administer(member_id=member.person_id, instrument="phq9", answers=[0] * 8 + [3]).crisis_flag
            assert flag
            if place == 0:
                crisis.acknowledge(flag_id=flag.id)
            if place == 1:
                crisis.resolve(flag_id=flag.id, disposition="no_current_risk", resolution="Spoke with her.")
                Assessment.objects.filter(crisis_flag=flag).update(created_at=now() - timedelta(hours=3))
    page = page_of(admin)
    assert numbers(page, "Time to review") == {
        "Within 15 min": "1", "Within 1 h": "0", "Within 4 h": "1", "Within 24 h": "0", "Later": "0",
        "Not reviewed yet": "1",
    }  # fmt: skip
    assert "1 waiting" in page
    assert "median 1 h 30 min" in page


def held(vendor: VendorWorld, *, hours_ago: int, signed: bool | None) -> None:
    """A session that ended so long ago, with a note that is signed now, a draft, or none."""
    member, at = vendor.member(), now() - timedelta(hours=hours_ago)
    with acting_as(vendor.actor):
        session = Session.objects.create(
            id=uuid7(), tenant_id=vendor.tenant.id, member_id=member.person_id, session_type="individual",
            modality="video", started_at=at - timedelta(hours=1), ended_at=at, clinician_id=vendor.clinician.id,
            clinician_name=vendor.clinician.name,
        )  # fmt: skip
        if signed is not None:
            note = notes.write(session_id=session.id, note_type="free_text", content={"body": "Slept."}, signed=signed)
            assert note


def test_a_session_waits_until_its_note_is_signed(admin: Client, vendor: VendorWorld) -> None:
    for hours_ago, signed in ((2, True), (48, True), (200, True), (5, False), (5, None)):
        held(vendor, hours_ago=hours_ago, signed=signed)
    page = page_of(admin)
    assert numbers(page, "Sessions until") == {
        "Within 24 h": "1", "Within 72 h": "1", "Within 7 days": "0", "Later": "1", "Unsigned or without a note": "2",
    }  # fmt: skip
    assert "Of the 2 without a signature, 1 has a draft" in page
    assert "median 2 d" in page
    assert "not shown" not in page[page.index("By clinician") :]


def test_of_a_clinician_with_fewer_than_five_sessions_nothing_is_shown(admin: Client, vendor: VendorWorld) -> None:
    held(vendor, hours_ago=2, signed=True)
    page = page_of(admin)
    assert "fewer than 5 sessions: not shown" in page[page.index("By clinician") :]


def test_a_supervisor_sees_the_clinicians_supervised_only(vendor: VendorWorld) -> None:
    held(vendor, hours_ago=2, signed=True)
    with acting_as(system_actor(vendor.tenant.id)):
        supervisor = accounts.add_staff(email=f"{uuid7()}@example.org", name="S", role=Membership.Role.SUPERVISOR)
    client = portal(vendor, supervisor)
    assert "None of the clinicians whom you supervise" in page_of(client)
    with acting_as(system_actor(vendor.tenant.id)):
        Membership.objects.filter(user=vendor.clinician).update(supervisor=supervisor)
    assert vendor.clinician.name in page_of(client)


def test_without_data_each_part_says_so(admin: Client) -> None:
    page = page_of(admin)
    assert "Nobody has two scores of it yet" in page
    assert "No PHQ-9 with a positive item 9" in page
    assert "No session was completed" in page


def test_a_period_that_is_not_offered_is_the_usual_one(admin: Client) -> None:
    for days in ("9999", "-1", "x", ""):
        assert "The last 90 days" in page_of(admin, days=days)
    assert "The last 365 days" in page_of(admin, days="365")


def test_what_takes_too_long_is_given_up_in_words(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lagging, "lags", lambda *_: ("SELECT 1 FROM pg_sleep(2)", ()))
    monkeypatch.setattr(outcomes, "SECONDS", 0.05)
    reply = admin.get(OUTCOMES)
    assert reply.status_code == 503
    assert "Choose a shorter one" in reply.content.decode()


def test_it_is_for_administrators_and_supervisors_and_keeps_to_its_statements(
    admin: Client, vendor: VendorWorld
) -> None:
    assert portal(vendor, vendor.clinician).get(OUTCOMES).status_code == 403
    assert len(statements(lambda: admin.get(OUTCOMES).status_code, 200)) <= 12


def test_a_bar_is_filled_by_its_shares_and_tells_them() -> None:
    bar = bars.bar_of([("improved", 3, "low"), ("unchanged", 0, "none"), ("deteriorated", 1, "critical")])
    assert [(part.x, part.width, part.percent) for part in bar.parts] == [(0, 360, 75), (360, 0, 0), (360, 120, 25)]
    assert bar.told == "improved 3, unchanged 0, deteriorated 1"
    assert bars.bar_of([("improved", 0, "low")]).parts[0].width == 0


def test_waits_are_told_by_step() -> None:
    waits = Waits.read((10, 7, 60.0, 7200.0, 2, 5))
    assert (waits.by_step, waits.waiting) == ((2, 3, 2), 3)
    assert (span(waits.median), span(waits.p90), span(timedelta(days=2, minutes=5))) == ("1 min", "2 h", "2 d")
    assert (span(timedelta(seconds=3)), span(None)) == ("under 1 min", "–")
