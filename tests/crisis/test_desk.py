"""The crisis desk: whom it shows, what its buttons do, what it refuses, and what it watches by itself."""

import re
import secrets
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts import actions as accounts
from apps.accounts.models import Cover, Membership, User
from apps.accounts.sign_in import SEEN
from apps.core.actor import system_actor
from apps.core.clock import now, telling_of
from apps.core.database import run
from apps.crisis import actions
from apps.crisis.models import CrisisFlag
from apps.crisis.tasks import escalate_at
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID, Tenant
from tests.people import VendorWorld
from tests.portal.people import portal

DESK = "/portal/crisis/"
WATCH = "/portal/crisis/flags/"
HTMX = {"HX-Request": "true"}
OF_ONE_REQUEST = r'(X-CSRFToken": "|csrfmiddlewaretoken" value="|rendered-at="|locks-in=")\w+'
OUTCOME = {"disposition": "safety_plan", "resolution": "Plan made with her sister."}


def raised(vendor: VendorWorld, *, severity: str = "high", **known: Any) -> CrisisFlag:
    member_id = vendor.member(**known).member_id
    with acting_as(vendor.actor):
        return actions.raise_flag(
            member_id=member_id, category="self_harm", severity=severity, description="Fresh cuts."
        )


def reread(vendor: VendorWorld, flag: CrisisFlag) -> CrisisFlag:
    with acting_as(system_actor(vendor.tenant.id)):
        return CrisisFlag.objects.get(id=flag.id)


def colleague_of(vendor: VendorWorld) -> User:
    with acting_as(system_actor(vendor.tenant.id)):
        email = f"colleague-{secrets.token_hex(4)}@example.org"
        return accounts.add_staff(email=email, name="Kim Rao", role=Membership.Role.CLINICIAN)


def recorded(vendor: VendorWorld, flag: CrisisFlag) -> list[str]:
    with acting_as(system_actor(vendor.tenant.id)):
        found = run([("SELECT action FROM audit_record WHERE %s = ANY (rows) AND door = 'portal'", [flag.id])])[0]
    return [action for (action,) in found]


def shown(client: Client, url: str = DESK, **headers: str) -> str:
    reply = client.get(url, headers=headers)
    assert reply.status_code == 200
    return reply.content.decode()


def test_the_most_urgent_stands_first_and_what_someone_took_on_last(vendor: VendorWorld) -> None:
    taken = raised(vendor, severity="critical")
    order = [raised(vendor, severity=severity) for severity in ("low", "critical", "moderate")]
    client = portal(vendor, vendor.clinician)
    client.post(f"{DESK}{taken.id}/acknowledge/")
    ids = re.findall(r'<li id="flag-([0-9a-f-]+)"', shown(client))
    assert ids == [str(flag.id) for flag in (order[1], order[2], order[0], taken)]


def test_a_row_says_whom_it_is_about_and_both_clocks(vendor: VendorWorld) -> None:
    raised(vendor, severity="critical", last_name="Thistlewood")
    page = shown(portal(vendor, vendor.clinician))
    for words in ("Thistlewood", "Critical", "Self harm", "from Clinician", "Fresh cuts.", "Answer due"):
        assert words in page
    assert "Resolve due 4 hours after it is taken on" in page


def test_a_deadline_that_passed_is_called_overdue_and_the_rung_that_was_called_is_named(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    colleague_of(vendor)
    with acting_as(system_actor(vendor.tenant.id)):
        passed = now() - timedelta(minutes=1)
        CrisisFlag.objects.filter(id=flag.id).update(respond_by=passed, escalate_at=passed)
    escalate_at(vendor.tenant.id)
    page = shown(portal(vendor, vendor.clinician))
    assert "Answer overdue" in page
    assert "Covering: Kim Rao called, as it was unacknowledged" in page
    assert 'Supervisor <span class="quiet">next, ' in page


def test_claiming_takes_the_flag_on_in_the_persons_name(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    assert client.post(f"{DESK}{flag.id}/acknowledge/").headers["Location"] == DESK
    assert reread(vendor, flag).acknowledged_by == vendor.actor.reference()
    assert "Taken on by Dr Sam Okafor" in shown(client)
    assert {"crisis.acknowledged", "crisis.listed"} <= set(recorded(vendor, flag))


def test_htmx_gets_the_claimed_row_alone(vendor: VendorWorld) -> None:
    flag, other = raised(vendor), raised(vendor)
    client = portal(vendor, vendor.clinician)
    row = client.post(f"{DESK}{flag.id}/acknowledge/", headers=HTMX).content.decode()
    assert row.strip().startswith(f'<li id="flag-{flag.id}"')
    assert str(other.id) not in row
    assert "Claim" not in row


def test_claiming_twice_is_refused_in_words(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    client.post(f"{DESK}{flag.id}/acknowledge/")
    plain = client.post(f"{DESK}{flag.id}/acknowledge/")
    notice = client.post(f"{DESK}{flag.id}/acknowledge/", headers=HTMX)
    assert (plain.status_code, notice.status_code) == (409, 409)
    assert notice.headers["HX-Retarget"] == "#notices"
    for reply in (plain, notice):
        assert "This crisis flag is acknowledged" in reply.content.decode()


def test_resolving_ends_the_flag_with_what_came_of_it(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    assert client.post(f"{DESK}{flag.id}/resolve/", OUTCOME).headers["Location"] == DESK
    found = reread(vendor, flag)
    assert (found.status, found.disposition, found.resolution) == ("resolved", *OUTCOME.values())
    assert str(flag.id) not in shown(client)
    assert "crisis.resolved" in recorded(vendor, flag)


def test_htmx_takes_the_resolved_row_away_and_nothing_else(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    reply = portal(vendor, vendor.clinician).post(f"{DESK}{flag.id}/resolve/", OUTCOME, headers=HTMX)
    assert f'<li id="flag-{flag.id}" hx-swap-oob="delete">' in reply.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_outcome_without_disposition_is_named_at_its_field_and_keeps_the_words(
    vendor: VendorWorld, headers: dict[str, str]
) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    reply = client.post(f"{DESK}{flag.id}/resolve/", {"resolution": "Spoke at length."}, headers=headers)
    page = reply.content.decode()
    assert reply.status_code == 422
    assert f'id="disposition-{flag.id}_error">Choose what came of it.' in page
    assert "Spoke at length." in page
    assert "Say how the crisis was resolved." not in page
    assert reread(vendor, flag).status == "open"


def test_a_resolved_flag_has_no_form_and_takes_no_outcome(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    client.post(f"{DESK}{flag.id}/resolve/", OUTCOME)
    for reply in (client.get(f"{DESK}{flag.id}/resolve/"), client.post(f"{DESK}{flag.id}/resolve/", OUTCOME)):
        assert reply.status_code == 409
        assert "resolved already" in reply.content.decode()


def test_out_of_reach_another_tenants_and_unknown_flags_are_the_same_404(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    own, foreign = raised(vendor), raised(other_vendor)
    client = portal(vendor, colleague_of(vendor))
    shown(client)
    pages = set()
    for flag_id in (own.id, foreign.id, uuid.uuid4()):
        for reply in (
            client.get(f"{DESK}{flag_id}/resolve/"),
            client.post(f"{DESK}{flag_id}/resolve/", OUTCOME),
            client.post(f"{DESK}{flag_id}/acknowledge/"),
        ):
            assert reply.status_code == 404
            pages.add(
                re.sub(
                    r'(X-CSRFToken": "|csrfmiddlewaretoken" value="|rendered-at="|locks-in=")\w+',
                    "",
                    reply.content.decode(),
                )
            )
    assert len(pages) == 1
    assert "Crisis flag not found" in pages.pop()
    assert {reread(vendor, own).status, reread(other_vendor, foreign).status} == {"open"}


def test_a_colleague_sees_the_flags_of_those_whom_they_cover(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    own, foreign = raised(vendor), raised(other_vendor)
    colleague = colleague_of(vendor)
    client = portal(vendor, colleague)
    assert str(own.id) not in shown(client)
    with acting_as(system_actor(vendor.tenant.id)):
        Cover.objects.create(tenant_id=vendor.tenant.id, clinician=vendor.clinician, covered_by=colleague)
    page = shown(client)
    assert str(own.id) in page
    assert str(foreign.id) not in page


def test_the_open_desk_announces_what_was_raised_since_and_only_that(vendor: VendorWorld) -> None:
    raised(vendor, last_name="Thistlewood")
    client = portal(vendor, vendor.clinician)
    watch = watched_url(shown(client))
    assert "hx-swap-oob" not in shown(client, watch, **HTMX)
    raised(vendor, last_name="Quagmire")
    renewed = shown(client, watch, **HTMX)
    news = renewed.split('id="news"')[1]
    assert "Quagmire" in news
    assert "Thistlewood" not in news
    assert 'id="news"' not in shown(client, watched_url(renewed), **HTMX)


def test_the_refresh_carries_no_form_so_that_it_replaces_no_typed_text(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    assert 'hx-target="#resolving"' in shown(client)
    assert 'id="resolving"' not in shown(client, WATCH, **HTMX)
    assert "hx-preserve" in shown(client, f"{DESK}{flag.id}/resolve/", **HTMX)


def test_watching_is_recorded_but_neither_keeps_a_session_alive_nor_unlocks_it(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    for minutes, status in ((14, 200), (16, 423)):
        session = client.session
        session[SEEN] = int(time.time()) - minutes * 60
        session.save()
        reply = client.get(WATCH, headers=HTMX)
        assert (reply.status_code, client.session[SEEN]) == (status, session[SEEN])
    assert reply.content == b""
    assert recorded(vendor, flag).count("crisis.watched") == 1


def test_an_open_desk_is_recorded_when_it_shows_something_else_and_every_five_minutes(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    cover = colleague_of(vendor)
    with acting_as(system_actor(vendor.tenant.id)):
        Cover.objects.create(tenant_id=vendor.tenant.id, clinician=vendor.clinician, covered_by=cover)
    watches = [client, client, portal(vendor, cover)]
    for number, (watcher, expected) in enumerate(zip(watches, (1, 1, 2), strict=True)):
        shown(watcher, WATCH, **HTMX)
        assert recorded(vendor, flag).count("crisis.watched") == expected, number
    client.post(f"{DESK}{flag.id}/acknowledge/")
    shown(client, WATCH, **HTMX)
    shown(client, WATCH, **HTMX)
    assert recorded(vendor, flag).count("crisis.watched") == 3
    another = raised(vendor)
    shown(client, WATCH, **HTMX)
    assert recorded(vendor, another).count("crisis.watched") == 1
    assert recorded(vendor, flag).count("crisis.watched") == 4
    with telling_of(now() + timedelta(minutes=5, seconds=1)):
        shown(client, WATCH, **HTMX)
    assert recorded(vendor, flag).count("crisis.watched") == 5


@pytest.mark.parametrize("path", [DESK, WATCH])
def test_statements_stay_in_the_budget_however_many_flags(vendor: VendorWorld, path: str) -> None:
    client = portal(vendor, vendor.clinician)
    for _ in range(12):
        raised(vendor)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    statements = [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]
    assert len(statements) <= 12, statements


def test_a_flag_raised_on_a_member_waits_at_the_desk(vendor: VendorWorld) -> None:
    member_id = vendor.member(last_name="Thistlewood").member_id
    client = portal(vendor, vendor.clinician)
    url = f"{DESK}raise/{member_id}/"
    assert "Thistlewood" in shown(client, url)
    missing = client.post(url, {"category": "self_harm", "description": "Fresh cuts."})
    assert missing.status_code == 422
    assert 'id="id_severity_error">Choose a severity.' in missing.content.decode()
    body = {"category": "self_harm", "severity": "critical", "description": "Fresh cuts."}
    assert client.post(url, body).headers["Location"] == DESK
    page = shown(client)
    assert "Thistlewood" in page
    assert "The flag is raised" in page


def test_a_flag_keeps_when_it_happened_by_the_clock_of_the_workplace(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    with acting_as(system_actor(PLATFORM_ID)):
        Tenant.objects.filter(id=vendor.tenant.id).update(timezone="Asia/Tokyo")
    client = portal(vendor, vendor.clinician)
    url = f"{DESK}raise/{member_id}/"
    assert "In Asia/Tokyo." in shown(client, url)
    body = {"category": "self_harm", "severity": "low", "description": "Fresh cuts."}
    for typed in ("2999-01-01T10:00", "1899-01-01T10:00", "yesterday"):
        refused = client.post(url, {**body, "occurred_at": typed})
        assert refused.status_code == 422
        assert 'id="id_occurred_at_error"' in refused.content.decode()
        assert "Fresh cuts." in refused.content.decode()
    assert client.post(url, {**body, "occurred_at": "2026-01-02T08:30"}).status_code == 302
    with acting_as(system_actor(vendor.tenant.id)):
        flag = CrisisFlag.objects.get(member_id=member_id)
    assert flag.occurred_at == datetime(2026, 1, 1, 23, 30, tzinfo=UTC)


def test_no_flag_is_raised_on_a_member_out_of_reach(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    client = portal(vendor, colleague_of(vendor))
    body = {"category": "self_harm", "severity": "critical", "description": "Fresh cuts."}
    for member in (vendor.member(), other_vendor.member()):
        url = f"{DESK}raise/{member.member_id}/"
        assert client.get(url).status_code == client.post(url, body).status_code == 404


def test_today_and_the_sections_lead_to_the_desk_and_caseload_and_chart_to_a_new_flag(vendor: VendorWorld) -> None:
    flag = raised(vendor)
    client = portal(vendor, vendor.clinician)
    for path in ("/portal/caseload/", f"/portal/members/{flag.member_id}/"):
        assert f'href="{DESK}raise/{flag.member_id}/"' in shown(client, path)
    page = shown(client, "/portal/")
    assert f'href="{DESK}#flag-{flag.id}"' in page
    assert 'data-keys="g d"' in page


def watched_url(page: str) -> str:
    found = re.search(r'hx-get="(/portal/crisis/flags/[^"]*)"', page)
    assert found
    return found[1].replace("&amp;", "&")
