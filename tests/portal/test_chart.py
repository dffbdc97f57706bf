"""The chart opens to whom the member's care concerns, and says why; to a colleague only by breaking the glass."""

import secrets
import uuid
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts import actions as accounts
from apps.accounts.models import BreakGlass, Cover, Membership, User
from apps.assessments import actions as assessments
from apps.audit.models import Record
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.crisis import actions as crisis
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from tests.notes.test_write import a_note
from tests.people import VendorWorld
from tests.portal.people import PASSWORD, portal

REASON = "She called the front desk in distress."


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def member(vendor: VendorWorld) -> Assignment:
    return vendor.member(last_name="Thistlewood", pronouns="they/them")


@pytest.fixture
def colleague(vendor: VendorWorld) -> User:
    return staff(vendor, Membership.Role.CLINICIAN)


def staff(vendor: VendorWorld, role: Membership.Role) -> User:
    with acting_as(system_actor(vendor.tenant.id)):
        return accounts.add_staff(email=f"staff-{secrets.token_hex(4)}@example.org", name="Kim Rao", role=role)


def chart(member_id: uuid.UUID) -> str:
    return f"/portal/members/{member_id}/"


def break_glass(client: Client, member_id: uuid.UUID, reason: str = REASON, password: str = PASSWORD) -> int:
    path = f"{chart(member_id)}break-glass/"
    return client.post(path, {"reason": reason, "password": password}).status_code


def session(vendor: VendorWorld, member_id: uuid.UUID) -> str:
    body = {
        "member_id": str(member_id),
        "session_type": "individual",
        "modality": "video",
        "started_at": "2026-01-05T10:00:00Z",
        "clinician_name": "Dr Sam Okafor",
    }
    session_id: str = vendor.api.post("/sessions/", body).json()["id"]
    return session_id


def score(vendor: VendorWorld, member_id: uuid.UUID, days_ago: int, answer: int) -> None:
    with acting_as(vendor.actor):
        assessments.administer(
            member_id=member_id,
            instrument="phq9",
            answers=[answer] * 8 + [0],
            administered_at=now() - timedelta(days=days_ago),
        )


def flag(vendor: VendorWorld, member_id: uuid.UUID) -> None:
    with acting_as(vendor.actor):
        crisis.raise_flag(member_id=member_id, category="self_harm", severity="high", description="Fresh cuts.")


def filled(vendor: VendorWorld, member_id: uuid.UUID) -> None:
    for note_type in ("soap", "psychotherapy"):
        content = {"body": "Unspoken."} if note_type == "psychotherapy" else None
        body = a_note(session(vendor, member_id), note_type=note_type, **({"content": content} if content else {}))
        assert vendor.api.post("/notes/", body).status_code == 201
    score(vendor, member_id, 30, 2)
    score(vendor, member_id, 2, 1)
    flag(vendor, member_id)


def recorded(vendor: VendorWorld, action: str) -> list[tuple[str, uuid.UUID | None, str]]:
    with acting_as(system_actor(vendor.tenant.id)):
        found = Record.objects.filter(action=action).order_by("occurred_at")
        return list(found.values_list("actor_name", "member_id", "reason"))


def test_whoever_treats_the_member_reads_all_of_the_chart_but_no_note(vendor: VendorWorld, member: Assignment) -> None:
    filled(vendor, member.person_id)
    page = portal(vendor, vendor.clinician).get(chart(member.person_id)).content.decode()
    for shown in ("Ada Thistlewood", "they/them", "years old", "1 open flag<", "you treat", "Self harm", "PHQ-9"):
        assert shown in page
    for shown in ("There is no safety plan", "SOAP", "Psychotherapy", "Individual, video", "What stands out"):
        assert shown in page
    assert "Unspoken." not in page
    assert "Fresh cuts." not in page
    assert recorded(vendor, "chart.read") == [("Dr Sam Okafor", member.person_id, "assignment")]


def test_scores_are_drawn_and_told_as_a_table(vendor: VendorWorld, member: Assignment) -> None:
    score(vendor, member.person_id, 30, 2)
    score(vendor, member.person_id, 2, 1)
    page = portal(vendor, vendor.clinician).get(chart(member.person_id)).content.decode()
    assert 'points="8.0,34.1 312.0,53.0"' in page
    assert 'aria-label="PHQ-9: 2 scores, from 16 to 8;' in page
    assert '<td class="figure">-8' in page
    assert "style=" not in page


def test_a_chart_without_anything_says_what_comes_next(vendor: VendorWorld, member: Assignment) -> None:
    page = portal(vendor, vendor.clinician).get(chart(member.person_id)).content.decode()
    assert "No crisis flag is open." in page
    assert "No instrument was administered yet." in page


def test_a_full_chart_costs_at_most_twelve_statements(vendor: VendorWorld, member: Assignment, colleague: User) -> None:
    filled(vendor, member.person_id)
    client = portal(vendor, colleague)
    assert break_glass(client, member.person_id) == 302
    with CaptureQueriesContext(connection) as captured:
        assert client.get(chart(member.person_id)).status_code == 200
    statements = [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]
    assert len(statements) <= 12, statements


def test_today_and_the_caseload_lead_to_it(vendor: VendorWorld, member: Assignment) -> None:
    flag(vendor, member.person_id)
    client = portal(vendor, vendor.clinician)
    for page in ("/portal/", "/portal/caseload/"):
        assert f'href="{chart(member.person_id)}"' in client.get(page).content.decode()


def test_who_covers_or_supervises_the_clinician_sees_it_and_reads_why(
    vendor: VendorWorld, member: Assignment, colleague: User
) -> None:
    supervisor = staff(vendor, Membership.Role.SUPERVISOR)
    with acting_as(system_actor(vendor.tenant.id)):
        Cover.objects.create(tenant_id=vendor.tenant.id, clinician=vendor.clinician, covered_by=colleague)
        Membership.objects.filter(user=vendor.clinician).update(supervisor=supervisor)
    covering, supervising = (portal(vendor, user).get(chart(member.person_id)) for user in (colleague, supervisor))
    assert "you cover Dr Sam Okafor" in covering.content.decode()
    assert "you supervise Dr Sam Okafor" in supervising.content.decode()
    assert {reason for _, _, reason in recorded(vendor, "chart.read")} == {"assignment"}


def test_a_colleague_gets_an_explanation_without_the_member_in_it(
    vendor: VendorWorld, member: Assignment, colleague: User
) -> None:
    reply = portal(vendor, colleague).get(chart(member.person_id))
    assert reply.status_code == 403
    page = reply.content.decode()
    assert "Break the glass" in page
    assert "Thistlewood" not in page
    assert recorded(vendor, "chart.refused") == [("Kim Rao", member.person_id, "no_relationship")]


def test_an_administrator_is_told_whose_page_it_is(vendor: VendorWorld, member: Assignment) -> None:
    client = portal(vendor, vendor.admin)
    assert client.get(chart(member.person_id)).status_code == 403
    assert break_glass(client, member.person_id) == 403
    assert "Thistlewood" not in client.get(chart(member.person_id)).content.decode()


def test_another_tenants_member_answers_as_one_that_does_not_exist(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    client = portal(vendor, vendor.clinician)
    theirs, nobody = other_vendor.member().person_id, uuid.uuid4()
    assert client.get(chart(theirs)).status_code == client.get(chart(nobody)).status_code == 404
    assert break_glass(client, theirs) == break_glass(client, nobody) == 404
    with acting_as(system_actor(vendor.tenant.id)):
        assert not BreakGlass.objects.exists()


def test_breaking_the_glass_opens_the_chart_for_an_hour_and_is_recorded(
    vendor: VendorWorld, member: Assignment, colleague: User
) -> None:
    filled(vendor, member.person_id)
    client = portal(vendor, colleague)
    assert break_glass(client, member.person_id) == 302
    page = client.get(chart(member.person_id)).content.decode()
    assert "Opened by break-glass until" in page
    assert "Ada Thistlewood" in page
    notes = client.get(f"{chart(member.person_id)}notes/").content.decode()
    for shown in (page, notes):
        assert "Soap" in shown or "SOAP" in shown
        assert ">Psychotherapy<" not in shown
    with acting_as(system_actor(vendor.tenant.id)):
        glass = BreakGlass.objects.get(member_id=member.person_id)
        assert (glass.user_id, glass.reason, glass.expires_at - glass.opened_at) == (
            colleague.id,
            REASON,
            timedelta(hours=1),
        )
    for action in ("chart.glass_broken", "chart.read"):
        assert recorded(vendor, action) == [("Kim Rao", member.person_id, "break_glass")]
    client.get("/portal/caseload/")
    assert recorded(vendor, "member.listed")[-1][2] == "break_glass"


def test_once_the_hour_is_over_the_chart_is_shut_again(
    vendor: VendorWorld, member: Assignment, colleague: User
) -> None:
    client = portal(vendor, colleague)
    break_glass(client, member.person_id)
    with acting_as(system_actor(vendor.tenant.id)):
        BreakGlass.objects.update(expires_at=now() - timedelta(seconds=1))
    assert client.get(chart(member.person_id)).status_code == 403


@pytest.mark.parametrize(
    ("reason", "password", "said"),
    [
        ("", PASSWORD, "Say why you need this chart now."),
        ("   short   ", PASSWORD, "Say in at least 10 characters"),
        (REASON, "not my password", "That is not your password."),
        (REASON, "", "Enter your password."),
    ],
)
def test_without_reason_or_password_the_glass_stays_whole(
    vendor: VendorWorld, member: Assignment, colleague: User, reason: str, password: str, said: str
) -> None:
    client = portal(vendor, colleague)
    path = f"{chart(member.person_id)}break-glass/"
    reply = client.post(path, {"reason": reason, "password": password})
    assert reply.status_code == 422
    assert said in reply.content.decode()
    assert client.get(chart(member.person_id)).status_code == 403
    assert recorded(vendor, "chart.glass_broken") == []


def test_html_in_names_and_reasons_is_text(vendor: VendorWorld, colleague: User) -> None:
    member = vendor.member(last_name="<script>alert(1)</script>")
    page = portal(vendor, vendor.clinician).get(chart(member.person_id)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    path = f"{chart(member.person_id)}break-glass/"
    again = portal(vendor, colleague).post(path, {"reason": "</textarea><script>alert(2)", "password": "no"})
    assert "<script>alert" not in again.content.decode()
