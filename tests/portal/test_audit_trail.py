"""The audit page finds what it is asked for and nothing of another tenant, proves the seals, and records its reading."""

import csv
import io
import re
import secrets
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts.models import Membership, User
from apps.audit import chain, searching
from apps.audit import recording as audit
from apps.audit.models import Place, Record
from apps.audit.searching import Wanted
from apps.core.actor import Actor, system_actor
from apps.core.clock import now
from apps.doors.spreadsheet import neutral
from apps.portal import audit_trail
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.ground import services
from tests.people import VendorWorld
from tests.portal.people import portal

AUDIT = "/portal/audit/"
VERIFY = "/portal/audit/verify/"


@pytest.fixture
def auditor(vendor: VendorWorld) -> User:
    with acting_as(system_actor(vendor.tenant.id)):
        email = f"auditor-{secrets.token_hex(4)}@example.org"
        return accounts.add_staff(email=email, name="Ines Auer", role=Membership.Role.AUDITOR)


@pytest.fixture
def client(vendor: VendorWorld, auditor: User) -> Client:
    return portal(vendor, auditor)


def shown(client: Client, **asked: Any) -> str:
    """The rows alone, without what one chooses from."""
    reply = client.get(AUDIT, asked, headers={"HX-Request": "true", "HX-Target": "rows"})
    return reply.content.decode()


def recorded(vendor: VendorWorld, action: str) -> list[Record]:
    with acting_as(system_actor(vendor.tenant.id)):
        return list(Record.objects.filter(action=action).order_by("id"))


def note(vendor: VendorWorld, action: str, **given: Any) -> None:
    with acting_as(vendor.actor):
        audit.record(action, **given)


def test_it_is_found_by_person_action_member_reason_and_door(client: Client, vendor: VendorWorld) -> None:
    member = vendor.member()
    key, _ = vendor.key()
    vendor.api.get(f"/members/{member.person_id}/")
    note(vendor, "chart.read", member_id=member.person_id, reason="break_glass")
    for asked, wanted in (
        ({"who": vendor.clinician.id}, {"chart.read"}),
        ({"action": "chart.read"}, {"chart.read"}),
        ({"member": member.person_id}, {"member.assigned", "member.read", "chart.read"}),
        ({"reason": "break_glass"}, {"chart.read"}),
        ({"door": "api_vendor"}, {"member.read"}),
        ({"member": key.id}, set()),
    ):
        found = set(re.findall(r"<code>([a-z_]+\.[a-z_]+)</code>", shown(client, **asked)))
        assert found == wanted, asked


def test_nothing_of_another_tenant_is_found(client: Client, other_vendor: VendorWorld) -> None:
    member = other_vendor.member()
    page = client.get(AUDIT).content.decode()
    assert str(other_vendor.clinician.id) not in page
    assert str(member.person_id) not in page
    for asked in ({"member": member.person_id}, {"who": other_vendor.clinician.id}):
        assert "Nothing in this period matches" in shown(client, **asked)


def test_a_day_is_the_workplaces_own_and_both_ends_count(client: Client, vendor: VendorWorld) -> None:
    note(vendor, "chart.read")
    today, tomorrow = now().date(), now().date() + timedelta(days=1)
    assert "chart.read" in shown(client, start=today - timedelta(days=1), end=tomorrow, action="chart.read")
    assert "Nothing in this period" in shown(client, start=today + timedelta(days=2), end=today + timedelta(days=3))


def test_pages_go_on_where_the_last_one_ended_also_among_records_of_one_moment(vendor: VendorWorld) -> None:
    for _ in range(3):
        with acting_as(vendor.actor):
            for _ in range(5):
                audit.record("chart.read")
    seen: list[Record] = []
    wanted, before = Wanted(now() - timedelta(days=1), now() + timedelta(days=1), {"action": "chart.read"}), None
    with acting_as(vendor.actor, durable=False):
        while True:
            records, before = searching.page_of(wanted, before=before, count=4)
            seen += records
            if before is None:
                break
            before = Place.read(str(before))
    assert len(seen) == len({record.id for record in seen}) == 15
    assert seen == sorted(seen, key=lambda record: (record.occurred_at, record.id), reverse=True)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"start": "2026-01-31", "end": "2026-01-01"}, "ends before it begins"),
        ({"start": "2020-01-01"}, "more than 92 days"),
        ({"start": "soon"}, "From: Enter a valid date"),
        ({"start": "0001-01-01"}, "from 2000 to 2200"),
        ({"end": "9999-12-31"}, "from 2000 to 2200"),
        ({"who": "me"}, "Person or key"),
        ({"member": "x"}, "Give a whole id"),
        ({"action": "'; DROP"}, "Choose one from the list"),
        ({"door": "window"}, "Door"),
    ],
)
def test_what_cannot_be_looked_for_is_said_and_nothing_is_shown(
    client: Client, asked: dict[str, str], told: str
) -> None:
    page = shown(client, **asked)
    assert told in page
    assert "<table" not in page
    assert client.get(AUDIT, asked).status_code == 422


def test_a_place_that_is_none_shows_the_first_page(client: Client) -> None:
    for before in ("x", "1.x", f"{10**30}.{'0' * 32}"):
        assert "<table" in shown(client, before=before)


def test_reading_it_is_recorded_with_what_was_asked_and_seen(client: Client, vendor: VendorWorld) -> None:
    note(vendor, "chart.read")
    shown(client, action="chart.read")
    (read,) = recorded(vendor, "audit.read")
    assert read.details["action"] == "chart.read"
    assert read.rows == [recorded(vendor, "chart.read")[0].id]


def test_the_file_has_what_was_found_and_no_formula(client: Client, vendor: VendorWorld) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        hostile = accounts.add_staff(
            email=f"{secrets.token_hex(4)}@example.org", name='=cmd|"/c"!A1', role=Membership.Role.CLINICIAN
        )
    with acting_as(Actor("person", hostile.id, hostile.name, vendor.tenant.id, door="portal")):
        audit.record("chart.read")
    reply = client.post(f"{AUDIT}export/", {"action": "chart.read"})
    assert reply.headers["Content-Disposition"].startswith("attachment; filename=")
    lines = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert [(line["action"], line["actor"]) for line in lines] == [("chart.read", '\'=cmd|"/c"!A1')]
    assert recorded(vendor, "audit.exported")[0].details["records"] == 1


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_a_cell_that_would_be_computed_is_text(text: str) -> None:
    assert neutral(text) == f"'{text}"
    assert neutral(text[1:] + " x") == text[1:] + " x" or text[1:].startswith("=")


def test_a_file_that_would_be_too_large_is_refused(
    client: Client, vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_trail, "MOST_EXPORTED", 1)
    reply = client.post(f"{AUDIT}export/")
    assert reply.status_code == 409
    assert "Choose a shorter period" in reply.content.decode()
    assert client.get(f"{AUDIT}export/").status_code == 405


def sealed(vendor: VendorWorld) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        assert chain.seal_settled()


def test_it_shows_the_newest_seal_and_proves_that_nothing_was_altered(client: Client, vendor: VendorWorld) -> None:
    assert "Nothing is sealed yet" in client.get(AUDIT).content.decode()
    sealed(vendor)
    with acting_as(system_actor(vendor.tenant.id)):
        newest = chain.newest_seal()
    assert newest
    assert bytes(newest.digest).hex() in client.get(AUDIT).content.decode()
    assert "as it was sealed" in client.post(VERIFY, {"first": "1"}).content.decode()
    assert "no fault" in client.get(AUDIT).content.decode()


def test_the_first_altered_record_is_named(client: Client, vendor: VendorWorld) -> None:
    note(vendor, "chart.read")
    sealed(vendor)
    row = recorded(vendor, "chart.read")[0].id
    with psycopg.connect(services().superuser_database_url) as superuser:
        superuser.execute("UPDATE audit_record SET reason = 'handoff' WHERE id = %s", (row,))
    page = client.post(VERIFY, {"first": "1"}).content.decode()
    assert f"the row was altered, record <code>{row}</code>" in page
    assert "not as it was sealed" in page
    assert recorded(vendor, "audit.verified")[0].rows == [row]


def test_a_long_chain_is_checked_part_by_part_and_goes_on_by_itself(
    client: Client, vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "PART", 1)
    for _ in range(2):
        note(vendor, "chart.read")
        sealed(vendor)
    part = client.post(VERIFY, {"first": "1"}, headers={"HX-Request": "true"}).content.decode()
    assert 'hx-trigger="load"' in part
    assert "Go on with seal 2" in part
    assert "<html" not in part
    assert "as it was sealed" in client.post(VERIFY, {"first": "2", "rows": "7"}).content.decode()
    assert client.post(VERIFY, {"first": "0"}).status_code == 422


def test_it_is_for_administrators_and_auditors(vendor: VendorWorld, client: Client) -> None:
    treating = portal(vendor, vendor.clinician)
    assert treating.get(AUDIT).status_code == 403
    assert treating.post(f"{AUDIT}export/").status_code == 403
    assert treating.post(VERIFY, {"first": "1"}).status_code == 403
    assert portal(vendor, vendor.admin).get(AUDIT).status_code == 200


def test_the_page_keeps_to_its_statements_and_html_in_a_name_is_text(client: Client, vendor: VendorWorld) -> None:
    with acting_as(system_actor(vendor.tenant.id)):
        email = f"{secrets.token_hex(4)}@example.org"
        accounts.add_staff(email=email, name="<script>alert(1)</script>", role=Membership.Role.CLINICIAN)
    vendor.key()
    sealed(vendor)
    assert len(statements(lambda: client.get(AUDIT).status_code, 200)) <= 12
    assert len(statements(lambda: client.post(VERIFY, {"first": "1"}).status_code, 200)) <= 12
    assert "<script>alert" not in client.get(AUDIT).content.decode()


@pytest.mark.parametrize(
    ("like", "index"),
    [
        ({}, "by_time"),
        ({"actor_id": "00000000-0000-0000-0000-000000000000"}, "of_actor"),
        ({"action": "chart.read"}, "of_action"),
    ],
)
def test_what_is_looked_for_is_found_by_an_index_under_row_security(
    vendor: VendorWorld, like: dict[str, Any], index: str
) -> None:
    wanted = Wanted(now() - timedelta(days=30), now(), like)
    with acting_as(vendor.actor, durable=False):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = searching.matching(wanted).before(Place(now(), vendor.tenant.id))[:51].explain()
    assert re.search(rf"Index Scan.* using audit_record_{index}_[0-9]{{6}}", plan), plan
