"""The pages of sessions: planned, started, completed and read in the browser, in the clock of the workplace."""

import re
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache

from apps.audit.models import Record
from apps.care_sessions.models import Session
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID, Tenant
from tests.counting import statements
from tests.notes.test_write import a_note
from tests.people import VendorWorld
from tests.portal.people import portal

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reply

BERLIN = ZoneInfo("Europe/Berlin")
KIND = {"session_type": "individual", "modality": "video"}


class Diary:
    """A clinician at the sessions of one member, at a workplace whose clocks are Berlin's."""

    def __init__(self, vendor: VendorWorld) -> None:
        cache.clear()
        self.vendor = vendor
        with acting_as(system_actor(PLATFORM_ID)):
            Tenant.objects.filter(id=vendor.tenant.id).update(timezone=BERLIN.key)
        self.member = vendor.member(last_name="Thistlewood").person_id
        self.client = portal(vendor, vendor.clinician)
        self.root = f"/portal/members/{self.member}/sessions/"

    def page(self, path: str = "") -> str:
        return self.client.get(f"{self.root}{path}").content.decode()

    def send(self, path: str, told: dict[str, str]) -> "Reply":
        tokens = dict(re.findall(r'name="(token)" value="([^"]*)"', self.page(path)))
        return self.client.post(f"{self.root}{path}", {**tokens, **told})

    def plan(self, shown: datetime | None = None, minutes: int = 50) -> "Reply":
        at = shown or clock(timedelta(hours=1))
        return self.send("schedule/", {**KIND, "started_at": typed(at), "minutes": str(minutes)})

    def planned(self, ahead: timedelta = timedelta(minutes=-3)) -> str:
        """The path of a session that is planned for then."""
        reply = self.plan(clock(ahead))
        assert reply.status_code == 302, reply.content.decode()
        return reply.headers["Location"].removeprefix(self.root)

    def sessions(self) -> list[Session]:
        with acting_as(self.vendor.actor):
            return list(Session.objects.visible_to(self.vendor.actor).of_member(self.member).order_by("created_at"))


def clock(ahead: timedelta) -> datetime:
    """What Berlin's clocks show then."""
    return (now() + ahead).astimezone(BERLIN).replace(tzinfo=None)


def typed(shown: datetime) -> str:
    return f"{shown:%Y-%m-%dT%H:%M}"


@pytest.fixture
def diary(vendor: VendorWorld) -> Diary:
    return Diary(vendor)


def test_a_session_is_planned_by_the_clock_of_the_workplace(diary: Diary) -> None:
    shown = datetime(now().year + 1, 7, 1, 14, 5)
    reply = diary.plan(shown, minutes=90)
    assert reply.status_code == 302
    (session,) = diary.sessions()
    assert session.started_at == shown.replace(tzinfo=BERLIN)
    assert session.duration_minutes == 90
    assert f"01 Jul {shown.year}, 14:05 CEST" in diary.page()
    assert "As clocks in Europe/Berlin show it." in diary.page("schedule/")


def test_a_time_that_clocks_skip_is_explained_and_what_was_typed_is_kept(diary: Diary) -> None:
    reply = diary.plan(datetime(2027, 3, 28, 2, 30))
    page = reply.content.decode()
    assert reply.status_code == 422
    assert "There is no 02:30 on 28 Mar 2027 in Europe/Berlin: clocks go forward by 1 hour that day." in page
    assert 'value="2027-03-28T02:30"' in page
    assert diary.sessions() == []


def test_of_a_time_that_clocks_show_twice_the_first_is_taken_and_said(diary: Diary) -> None:
    reply = diary.plan(datetime(2027, 10, 31, 2, 30))
    assert "clocks show this time twice" in diary.client.get(reply.headers["Location"]).content.decode()
    assert diary.sessions()[0].started_at.astimezone(BERLIN).tzname() == "CEST"


def test_the_past_is_not_planned_but_logged(diary: Diary) -> None:
    assert "Log a session that took place instead." in diary.plan(clock(timedelta(hours=-2))).content.decode()
    told = {**KIND, "started_at": typed(clock(timedelta(hours=-2))), "minutes": "50", "summary": "Slept badly."}
    reply = diary.send("log/", {**told, "topics": "sleep, work", "mood_before": "3"})
    assert reply.status_code == 302
    (session,) = diary.sessions()
    assert (session.status, session.summary, session.topics) == ("completed", "Slept badly.", ["sleep", "work"])
    ahead = diary.send("log/", {**told, "started_at": typed(clock(timedelta(hours=2)))})
    assert "Plan the session instead" in ahead.content.decode()


def test_a_planned_one_is_started_and_completed_from_its_page(diary: Diary) -> None:
    path = diary.planned()
    assert diary.client.post(f"{diary.root}{path}start/").status_code == 302
    assert "Under way since" in diary.page(path)
    told = {"started_at": typed(clock(timedelta(minutes=-50))), "minutes": "50", "mood_after": "7", "homework": "Walk."}
    assert diary.send(f"{path}complete/", told).status_code == 302
    page = diary.page(path)
    for shown in ("Completed", "50 minutes", "after 7", "Walk."):
        assert shown in page
    assert "Start now" not in page


def test_a_button_that_is_pressed_twice_acts_once(diary: Diary) -> None:
    path = diary.planned()
    for act in ("start/", "cancel/"):
        replies = [diary.client.post(f"{diary.root}{path}{act}") for _ in range(2)]
        assert [reply.status_code for reply in replies] == [302, 302], act
    assert diary.client.post(f"{diary.root}{path}no-show/").status_code == 409


def test_a_form_that_is_sent_twice_makes_one_session(diary: Diary) -> None:
    sent = {**KIND, "started_at": typed(clock(timedelta(hours=1))), "minutes": "50", "token": str(uuid.uuid4())}
    places = {diary.client.post(f"{diary.root}schedule/", sent).headers["Location"] for _ in range(2)}
    assert len(places) == len(diary.sessions()) == 1
    other = diary.client.post(f"{diary.root}schedule/", {**sent, "minutes": "90"})
    assert other.status_code == 409
    assert "sent before with other content" in other.content.decode()


def test_a_report_on_a_session_that_a_colleague_cancelled_is_not_lost(diary: Diary) -> None:
    path = diary.planned()
    form = diary.page(f"{path}complete/")
    diary.client.post(f"{diary.root}{path}cancel/")
    token = re.findall(r'name="token" value="([^"]*)"', form)[0]
    told = {"token": token, "started_at": typed(clock(timedelta(hours=-1))), "minutes": "50", "summary": "Long words."}
    reply = diary.client.post(f"{diary.root}{path}complete/", told)
    assert reply.status_code == 409
    page = reply.content.decode()
    assert "This session is cancelled" in page
    assert "Long words." in page


def test_what_may_not_be_done_is_disabled_and_says_why(diary: Diary) -> None:
    page = diary.page(diary.planned(timedelta(days=3)))
    assert "This session is planned for another time. Move it here first." in page
    assert "nobody can have missed it yet" in page
    assert "Move …" in page


def test_it_is_moved_to_another_time(diary: Diary) -> None:
    path = diary.planned(timedelta(days=3))
    there = clock(timedelta(days=4)).replace(second=0, microsecond=0)
    assert diary.send(f"{path}reschedule/", {"started_at": typed(there), "minutes": "30"}).status_code == 302
    assert diary.sessions()[0].started_at == there.replace(tzinfo=BERLIN)


def test_a_session_leads_to_its_notes_and_to_writing_one(diary: Diary) -> None:
    path = diary.planned()
    (session,) = diary.sessions()
    diary.vendor.api.post("/notes/", a_note(str(session.id)))
    page = diary.page(path)
    assert f"notes/new/?session={session.id}" in page
    assert "SOAP" in page


def test_html_and_other_scripts_are_text(diary: Diary) -> None:
    told = {**KIND, "started_at": typed(clock(timedelta(hours=-2))), "minutes": "50"}
    path = diary.send("log/", {**told, "summary": "<b>שלום</b> 🙂", "topics": "<script>"}).headers["Location"]
    page = diary.client.get(path).content.decode()
    assert "&lt;b&gt;שלום&lt;/b&gt; 🙂" in page
    assert "<script>," not in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("minutes", "0"), ("minutes", "many"), ("started_at", "yesterday"), ("started_at", "0001-01-01T00:00"),
     ("mood_after", "11"), ("topics", "x" * 201), ("session_type", "tea")],
)  # fmt: skip
def test_nonsense_is_named_at_its_field(diary: Diary, field: str, value: str) -> None:
    told = {**KIND, "started_at": typed(clock(timedelta(hours=-2))), "minutes": "50", field: value}
    reply = diary.send("log/", told)
    assert reply.status_code == 422
    assert f'id="id_{field}_error"' in reply.content.decode()


def test_only_who_may_see_the_member_sees_or_changes_a_session(
    diary: Diary, vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    path = diary.planned()
    for world, user, answer in ((vendor, vendor.admin, 403), (other_vendor, other_vendor.clinician, 404)):
        cache.clear()
        client = portal(world, user)
        assert client.get(f"{diary.root}{path}").status_code == answer
        assert client.post(f"{diary.root}{path}cancel/").status_code == answer
    assert diary.sessions()[0].status == "scheduled"


def test_another_members_session_is_not_found_under_this_one(diary: Diary, vendor: VendorWorld) -> None:
    path = diary.planned()
    other = vendor.member().person_id
    assert diary.client.get(f"/portal/members/{other}/sessions/{path}").status_code == 404


@pytest.mark.parametrize("place", ["", "{planned}", "{planned}complete/", "schedule/"])
def test_readings_are_recorded_and_within_the_budget(diary: Diary, place: str) -> None:
    path = diary.root + place.format(planned=diary.planned())
    sent = statements(lambda: diary.client.get(path).status_code, 200)
    assert len(sent) <= 12, sent
    with acting_as(system_actor(diary.vendor.tenant.id)):
        newest = Record.objects.filter(member_id=diary.member).order_by("-occurred_at").values_list("action", flat=True)
        assert newest.first() in {"session.listed", "session.read", "member.read"}
