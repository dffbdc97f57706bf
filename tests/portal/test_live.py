"""GET /portal/live/, from the stream process through the front door."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from django.conf import settings
from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts import second_factor
from apps.accounts.pages import WORKPLACE
from apps.accounts.sign_in import SEEN
from apps.core.actor import system_actor
from apps.events import recording as events
from apps.events.stream import KINDS
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.people import VendorWorld
from tests.portal.people import portal
from tests.stack.serving import served

PATH = "/portal/live/"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("live"), ready=PATH, stream="tests.events.impatient:application") as url:
        yield url + PATH


def cookie(client: Client) -> dict[str, str]:
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}


@contextmanager
def listening(url: str, client: Client, **query: str) -> Iterator[Iterator[str]]:
    """Open the stream of someone's browser; yields its lines behind the one that says that it is open."""
    with (
        httpx.Client(timeout=60) as wire,
        wire.stream("GET", url, params=query, headers=cookie(client)) as answer,
    ):
        assert answer.status_code == 200
        lines = answer.iter_lines()
        assert next(lines) == ": open"
        yield lines


def kinds(lines: Iterator[str]) -> Iterator[str]:
    return (line.removeprefix("event: ") for line in lines if line.startswith("event: "))


def change(client: Client, **values: object) -> None:
    session = client.session
    for name, value in values.items():
        session[name] = value
    session.save()


def test_news_at_the_workplace_arrive_by_kind_and_say_nothing_more(
    url: str, vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    with listening(url, portal(vendor, vendor.clinician)) as lines:
        other_vendor.member()
        with acting_as(vendor.actor):
            events.record("mood.logged", member_id=None, data={"mood_value": 3})
        line = next(line for line in lines if line.startswith("event: "))
        assert line == "event: mood"
        token = next(lines).removeprefix("data: ")
        assert token.isdigit()
        assert next(lines) == f"id: {token}"


def test_many_events_of_one_kind_ring_once(url: str, vendor: VendorWorld) -> None:
    with listening(url, portal(vendor, vendor.clinician)) as lines:
        with acting_as(vendor.actor):
            for _ in range(20):
                events.record("mood.logged", member_id=None, data={"mood_value": 3})
        assert next(kinds(lines)) == "mood"
        vendor.member()
        assert next(kinds(lines)) == "member"


def test_whoever_was_away_hears_of_every_kind_that_came_meanwhile(url: str, vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    before = str(int(time.time() * 1000))
    vendor.member()
    with listening(url, client, since=before) as lines:
        assert next(kinds(lines)) == "member"
    with httpx.stream("GET", url, headers={**cookie(client), "Last-Event-ID": before}) as answer:
        assert next(kinds(answer.iter_lines())) == "member"


@pytest.mark.parametrize("token", ["1700000000000", "yesterday", "9" * 40, "²"])
def test_a_token_that_says_too_little_rings_for_all(url: str, vendor: VendorWorld, token: str) -> None:
    with listening(url, portal(vendor, vendor.clinician), since=token) as lines:
        assert {next(kinds(lines)) for _ in KINDS} == KINDS


def test_a_stranger_a_locked_page_and_nobody_at_work_are_refused(url: str, vendor: VendorWorld) -> None:
    assert httpx.get(url).status_code == 401
    for status, values in ((423, {SEEN: 1}), (409, {WORKPLACE: None})):
        client = portal(vendor, vendor.clinician)
        change(client, **values)
        refused = httpx.get(url, headers=cookie(client))
        assert (refused.status_code, refused.content) == (status, b"")
    client = portal(vendor, vendor.clinician)
    session = client.session
    del session[second_factor.ENROLLED]
    session.save()
    assert httpx.get(url, headers=cookie(client)).status_code == 403


def test_an_open_stream_is_no_sign_of_life_and_ends_with_the_lock(url: str, vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    earlier = int(time.time()) - 5 * 60
    change(client, **{SEEN: earlier})
    with listening(url, client) as lines:
        assert next(line for line in lines if line.startswith(":")) == ": still here"
        assert client.session[SEEN] == earlier
        change(client, **{SEEN: 1})
        assert list(kinds(lines)) == []


def test_the_stream_ends_with_the_session_and_with_the_workplace(url: str, vendor: VendorWorld) -> None:
    out, elsewhere = portal(vendor, vendor.clinician), portal(vendor, vendor.admin)
    with listening(url, out) as first, listening(url, elsewhere) as second:
        out.post("/portal/account/logout/")
        change(elsewhere, **{WORKPLACE: str(PLATFORM_ID)})
        assert list(kinds(first)) == list(kinds(second)) == []


def test_the_streams_of_the_staff_of_a_suspended_vendor_end(url: str, vendor: VendorWorld) -> None:
    with listening(url, portal(vendor, vendor.clinician)) as lines:
        with acting_as(system_actor(PLATFORM_ID)):
            accounts.suspend(tenant_id=vendor.tenant.id)
        assert list(kinds(lines)) == []


def test_a_web_process_serves_no_stream(vendor: VendorWorld) -> None:
    assert portal(vendor, vendor.clinician).get(PATH).status_code == 503
