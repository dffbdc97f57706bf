"""The pages of a member's measures: list, choose, administer, read; what they refuse, and a sheet that opens a flag."""

import re
import secrets
import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts.models import Membership
from apps.assessments import actions
from apps.assessments.instruments import INSTRUMENTS
from apps.assessments.models import Assessment
from apps.assessments.reading import read
from apps.audit.models import Record
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.crisis.models import CrisisFlag
from apps.crisis.rules import DEFAULT_WORDING
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.people import VendorWorld
from tests.portal.people import portal

MILD = [1, 1, 1, 1, 1, 0, 0, 0, 0]
POSITIVE = [1] * 8 + [2]


@pytest.fixture
def member(vendor: VendorWorld) -> Assignment:
    return vendor.member(last_name="Thistlewood")


@pytest.fixture
def client(vendor: VendorWorld) -> Client:
    return portal(vendor, vendor.clinician)


def at(member: Assignment, rest: str = "") -> str:
    return f"/portal/members/{member.person_id}/measures/{rest}"


def sheet(answers: list[int], **changes: Any) -> dict[str, Any]:
    given = {f"item_{number}": answer for number, answer in enumerate(answers, start=1)}
    return {"token": uuid.uuid4(), "administered_by": "self", **given, **changes}


def kept(vendor: VendorWorld) -> list[Assessment]:
    with acting_as(vendor.actor):
        return list(Assessment.objects.visible_to(vendor.actor).order_by("created_at"))


def administer(vendor: VendorWorld, member: Assignment, answers: Any, days_ago: int = 0, **told: Any) -> Assessment:
    with acting_as(vendor.actor):
        return actions.administer(
            member_id=member.person_id,
            answers=answers,
            administered_at=now() - timedelta(days=days_ago),
            **{"instrument": "phq9", **told},
        )


def custom(name: str, score: float = 14.5) -> dict[str, object]:
    return {"name": name, "score": score, "min_score": 0, "max_score": 40, "severity": "mild"}


def shown(client: Client, path: str, status: int = 200) -> str:
    reply = client.get(path)
    assert reply.status_code == status
    return reply.content.decode()


def status_of(client: Client, path: str) -> int:
    return client.get(path).status_code


def test_the_list_shows_score_severity_and_reliable_change(
    vendor: VendorWorld, member: Assignment, client: Client
) -> None:
    first = administer(vendor, member, [2] * 8 + [0], 30)
    last = administer(vendor, member, MILD, 2)
    page = shown(client, at(member))
    for words in ("PHQ-9", "5 of 27", "16 of 27", "Moderately severe", "Reliably improved", "-11", "first of its kind"):
        assert words in page
    for each in (first, last):
        assert f'href="{at(member, f"{each.id}/")}"' in page


def test_answers_stand_side_by_side_for_one_measure(vendor: VendorWorld, member: Assignment, client: Client) -> None:
    administer(vendor, member, POSITIVE, 30)
    last = administer(vendor, member, MILD, 2)
    administer(vendor, member, [1] * 7, instrument="gad7")
    page = shown(client, f"{at(member)}?series={last.id}")
    assert "PHQ-9: answers side by side" in page
    assert '<span class="tag" data-level="critical">2 More than half the days</span>' in page
    rows = page[page.index('id="rows"') :]
    assert "GAD-7" not in rows


def test_what_is_due_is_said(vendor: VendorWorld, client: Client) -> None:
    member = vendor.member(assigned_at=now() - timedelta(days=90))
    assert "A first PHQ-9 or GAD-7 is due since" in shown(client, at(member))
    administer(vendor, member, [2] * 8 + [0], 80)
    page = shown(client, at(member, "new/"))
    assert "PHQ-9 is due again since" in page
    assert "No reliable improvement eight weeks after" in page
    administer(vendor, member, MILD, 0)
    page = shown(client, at(member))
    assert "Next: PHQ-9, due" in page
    assert "No reliable improvement" not in page


def test_every_measure_can_be_chosen(vendor: VendorWorld, member: Assignment, client: Client) -> None:
    administer(vendor, vendor.member(), None, instrument="custom", custom=custom("CORE-10"))
    page = shown(client, at(member, "new/"))
    for code in INSTRUMENTS:
        assert f'href="{at(member, f"new/{code}/")}"' in page
        assert shown(client, at(member, f"new/{code}/")).count("data-item=") == len(INSTRUMENTS[code].items)
    assert "CORE-10" in page
    like = re.search(r'href="([^"]+\?like=[^"]+)"', page)
    assert like
    assert 'value="CORE-10"' in shown(client, like[1])


def test_a_sheet_is_scored_at_once_and_read_with_its_answers(
    vendor: VendorWorld, member: Assignment, client: Client
) -> None:
    administer(vendor, member, [2] * 8 + [0], 30)
    reply = client.post(at(member, "new/phq9/"), sheet(MILD), follow=True)
    page = reply.content.decode()
    for words in (
        "Scored and kept",
        "5</strong> of 27",
        "5 to 9",
        "Mild",
        "this one",
        "when it was",
        "filled in by the",
    ):
        assert words in page
    for words in ("6 points or more", "Kroenke", "Several days", "1. Little interest", "Reliably improved"):
        assert words in page
    assert "crisis flag" not in page
    found = kept(vendor)[-1]
    assert (found.answers, found.administered_by, found.recorded_by["name"]) == (MILD, "self", "Dr Sam Okafor")


@pytest.mark.parametrize("code", sorted(INSTRUMENTS))
def test_every_measure_is_scored_and_read_from_end_to_end(
    vendor: VendorWorld, member: Assignment, client: Client, code: str
) -> None:
    items = INSTRUMENTS[code].items
    for answers in ([item.minimum for item in items], [item.maximum for item in items]):
        page = client.post(at(member, f"new/{code}/"), sheet(answers), follow=True).content.decode()
        assert f"<h1>{INSTRUMENTS[code].name}</h1>" in page
        assert page.count("this one") == (2 if INSTRUMENTS[code].bands else 1)


@pytest.mark.parametrize(
    ("code", "answers", "level", "verdict"),
    [
        ("phq9", [[3] * 8 + [0], [0] * 9], ["high", "low"], ["", "improved"]),
        ("gad7", [[1] * 7, [2] * 7], ["moderate", "moderate"], ["", "worse"]),
        ("gad7", [[1] * 7, [1] * 6 + [2]], ["moderate", "moderate"], ["", "steady"]),
        ("who5", [[0] * 5, [5] * 5], ["high", "low"], ["", ""]),
        ("dass21", [[0] * 21, [3] * 21], ["low", "high"], ["", ""]),
    ],
)
def test_gravity_and_change_are_read_in_the_direction_of_the_measure(
    vendor: VendorWorld, member: Assignment, code: str, answers: list[list[int]], level: list[str], verdict: list[str]
) -> None:
    made = [read(administer(vendor, member, each, 2 - n, instrument=code)) for n, each in enumerate(answers)]
    assert [each.level for each in made] == level
    assert [each.verdict for each in made] == verdict


def test_missing_items_are_named_at_their_place_and_nothing_is_kept(
    vendor: VendorWorld, member: Assignment, client: Client
) -> None:
    sent = sheet(MILD, item_4="9")
    del sent["item_2"], sent["administered_by"]
    reply = client.post(at(member, "new/phq9/"), sent)
    page = reply.content.decode()
    assert reply.status_code == 422
    assert 'href="#item-2"' in page
    assert 'href="#item-4"' in page
    assert 'href="#item-3"' not in page
    place = page[page.index('id="item-2"') : page.index('id="item-3"')]
    assert "Item 2 is not answered." in place
    assert 'aria-invalid="true"' in place
    assert "Item 4 takes one of its own answers." in page
    assert "Say who filled it in." in page
    third = page[page.index('id="item-3"') : page.index('id="item-4"')]
    assert re.search(r'value="1"[^>]*checked', third)
    assert kept(vendor) == []


def test_a_time_is_of_the_workplace_and_one_that_has_not_come_is_refused_at_its_place(
    vendor: VendorWorld, member: Assignment, client: Client
) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        zone = vendor.tenant.timezone
    assert zone == "UTC"
    client.post(at(member, "new/phq9/"), sheet(MILD, administered_at="2025-03-01T14:30"))
    assert kept(vendor)[0].administered_at.isoformat() == "2025-03-01T14:30:00+00:00"
    reply = client.post(at(member, "new/phq9/"), sheet(MILD, administered_at="2199-01-01T00:00"))
    assert reply.status_code == 422
    assert "Must not lie in the future." in reply.content.decode()
    reply = client.post(at(member, "new/phq9/"), sheet(MILD, administered_at="yesterday"))
    assert "Give a day and a time" in reply.content.decode()


def test_the_session_is_one_of_the_members_own(vendor: VendorWorld, member: Assignment, client: Client) -> None:
    made = {"session_type": "individual", "modality": "video", "started_at": "2026-01-05T10:00:00Z"}
    own, other = (
        vendor.api.post("/sessions/", {"member_id": str(each.person_id), **made}).json()["id"]
        for each in (member, vendor.member())
    )
    path = at(member, "new/phq9/")
    assert f'value="{own}" selected' in shown(client, f"{path}?session={own}")
    assert client.post(path, sheet(MILD, session=other)).status_code == 422
    assert client.post(path, sheet(MILD, session=own)).status_code == 302
    assert str(kept(vendor)[0].session_id) == own


def test_a_form_that_is_sent_twice_makes_one(vendor: VendorWorld, member: Assignment, client: Client) -> None:
    sent, path = sheet(POSITIVE), at(member, "new/phq9/")
    first, second = (client.post(path, sent) for _ in range(2))
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert len(kept(vendor)) == 1
    with acting_as(vendor.actor):
        assert CrisisFlag.objects.count() == 1


def test_a_form_that_comes_back_with_other_answers_asks_first(
    vendor: VendorWorld, member: Assignment, client: Client
) -> None:
    sent, path = sheet(MILD), at(member, "new/phq9/")
    client.post(path, sent)
    reply = client.post(path, {**sent, "item_9": 1})
    assert reply.status_code == 409
    page = reply.content.decode()
    assert "This form was sent before, with other answers" in page
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token
    assert token[1] != str(sent["token"])
    assert len(kept(vendor)) == 1
    assert client.post(path, {**sent, "item_9": 1, "token": token[1]}).status_code == 302
    assert len(kept(vendor)) == 2


def test_a_positive_suicide_item_shows_what_to_do_before_anything_else(
    vendor: VendorWorld, member: Assignment, client: Client
) -> None:
    page = client.post(at(member, "new/phq9/"), sheet(POSITIVE), follow=True).content.decode()
    with acting_as(vendor.actor):
        flag = CrisisFlag.objects.get()
    main = page[page.index('id="content"') :]
    assert main.index(DEFAULT_WORDING.splitlines()[0]) < main.index("Thistlewood")
    assert "Stay with the person" in main
    for path in (f"/portal/crisis/#flag-{flag.id}", f"/portal/crisis/{flag.id}/resolve/"):
        assert f'href="{path}"' in main
    claim = re.search(r'action="([^"]+acknowledge/)"', main)
    assert claim
    assert client.post(claim[1]).status_code == 302
    again = shown(client, at(member, f"{kept(vendor)[0].id}/"))
    assert "Claim the flag" not in again.replace("Claim the flag at the crisis desk", "")


def test_once_the_flag_is_resolved_the_sheet_says_so(vendor: VendorWorld, member: Assignment, client: Client) -> None:
    found = administer(vendor, member, POSITIVE)
    sent = {"disposition": "safety_plan", "resolution": "Plan reviewed together."}
    client.post(f"/portal/crisis/{found.crisis_flag_id}/resolve/", sent)
    page = shown(client, at(member, f"{found.id}/"))
    assert "which was resolved" in page
    assert "Stay with the person" not in page


def test_a_score_from_elsewhere_is_kept_and_compared(vendor: VendorWorld, member: Assignment, client: Client) -> None:
    path = at(member, "new/custom/")
    sent = {"token": uuid.uuid4(), "administered_by": "clinician", **custom("<b>CORE</b>")}
    page = client.post(path, sent, follow=True).content.decode()
    assert "14.5</strong> of 40" in page
    assert "&lt;b&gt;CORE&lt;/b&gt;" in page
    assert "<b>CORE" not in page
    again = {**sent, "token": uuid.uuid4(), "score": 10}
    assert "-4.5" in client.post(path, again, follow=True).content.decode()
    reply = client.post(path, {**again, "token": uuid.uuid4(), "score": 50})
    assert reply.status_code == 422
    assert "Must lie between min_score and max_score." in reply.content.decode()
    listed = shown(client, f"{at(member)}?series={kept(vendor)[0].id}")
    assert "&lt;b&gt;CORE" in listed


def test_what_is_not_there_is_not_found(
    vendor: VendorWorld, other_vendor: VendorWorld, member: Assignment, client: Client
) -> None:
    theirs = other_vendor.member()
    foreign = administer(other_vendor, theirs, MILD)
    own = administer(vendor, vendor.member(), MILD)
    for path in (
        at(theirs),
        at(theirs, "new/"),
        at(theirs, "new/phq9/"),
        at(theirs, f"{foreign.id}/"),
        at(member, f"{foreign.id}/"),
        at(member, f"{own.id}/"),
        at(member, "new/rorschach/"),
    ):
        assert client.get(path).status_code == 404, path
    assert client.post(at(theirs, "new/phq9/"), sheet(MILD)).status_code == 404


def test_a_member_out_of_reach_and_a_role_that_may_not(vendor: VendorWorld, member: Assignment) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        colleague = accounts.add_staff(
            email=f"kim-{secrets.token_hex(4)}@example.org", name="Kim Rao", role=Membership.Role.CLINICIAN
        )
    found = administer(vendor, member, MILD)
    for rest in ("", "new/", "new/phq9/", f"{found.id}/"):
        assert portal(vendor, colleague).get(at(member, rest)).status_code == 404
        assert portal(vendor, vendor.admin).get(at(member, rest)).status_code == 403
    assert portal(vendor, colleague).post(at(member, "new/phq9/"), sheet(MILD)).status_code == 404
    assert len(kept(vendor)) == 1


def test_each_reading_is_on_record(vendor: VendorWorld, member: Assignment, client: Client) -> None:
    found = administer(vendor, member, POSITIVE)
    for rest in ("", "new/", "new/phq9/", f"{found.id}/"):
        shown(client, at(member, rest))
    with acting_as(vendor.actor):
        records = Record.objects.filter(member_id=member.person_id, door="portal").order_by("occurred_at", "id")
        read = {each.action: set(each.rows) for each in records}
    assert read["assessment.listed"] == {found.id}
    assert read["assessment.read"] == {found.id, found.crisis_flag_id}
    assert read["member.read"] == {member.id}


def test_each_page_costs_at_most_twelve_statements(vendor: VendorWorld, member: Assignment, client: Client) -> None:
    for days in range(5):
        found = administer(vendor, member, POSITIVE, days)
        administer(vendor, member, None, days, instrument="custom", custom=custom("CORE-10"))
    for path in (
        at(member),
        f"{at(member)}?series={found.id}",
        at(member, "new/"),
        at(member, "new/phq9/"),
        at(member, f"new/custom/?like={kept(vendor)[-1].id}"),
        at(member, f"{found.id}/"),
    ):
        sent = statements(partial(status_of, client, path), 200)
        assert len(sent) <= 12, sent
