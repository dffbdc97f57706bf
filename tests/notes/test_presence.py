"""Two people on one note know of each other."""

from datetime import timedelta
from uuid import UUID

import pytest
import redis

from apps.core.clock import now, telling_of
from apps.keys import valkey
from apps.notes import presence
from tests.notes.people import colleague_of, supervisor_of
from tests.notes.test_pages import SOAP, Desk, hidden
from tests.people import VendorWorld
from tests.portal.people import portal

TOLD = "Kim Rao has this note open too"


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


def test_the_second_sees_the_first_and_the_first_hears_of_the_second(desk: Desk) -> None:
    covering = colleague_of(desk.vendor, covering=True)
    assert "open too" not in desk.page(desk.new())
    assert "Dr Sam Okafor has this note open too" in covering.get(desk.new()).content.decode()
    heard = desk.client.post(f"{desk.new()}writers/")
    assert TOLD in heard.content.decode()
    shown = heard.content.decode().partition('name="shown" value="')[2].partition('"')[0]
    assert desk.client.post(f"{desk.new()}writers/", {"shown": shown}).status_code == 204
    assert TOLD not in desk.page(desk.new("dap"))


def test_typing_says_that_one_is_there_and_saving_that_one_has_left(desk: Desk) -> None:
    covering = colleague_of(desk.vendor, covering=True)
    form = hidden(covering.get(desk.new()).content.decode())
    covering.post(f"{desk.new()}keep/", {**form, **SOAP})
    assert TOLD in desk.page(desk.new())
    covering.post(desk.new(), {**form, **SOAP})
    assert TOLD not in desk.page(desk.new())


def test_a_revision_and_an_addendum_tell_it_too(desk: Desk) -> None:
    note = desk.write()
    supervisor = portal(desk.vendor, supervisor_of(desk.vendor))
    desk.page(f"{note}revise/")
    assert "Dr Sam Okafor has this note open too" in supervisor.get(f"{note}revise/").content.decode()
    desk.sign(note)
    desk.page(f"{note}addendum/")
    assert "Dr Sam Okafor has this note open too" in supervisor.get(f"{note}addendum/").content.decode()
    assert "Dr Mara Lindqvist" in desk.client.post(f"{note}writers/").content.decode()


def test_someone_who_was_not_heard_of_for_a_minute_has_gone(desk: Desk) -> None:
    covering = colleague_of(desk.vendor, covering=True)
    covering.get(desk.new())
    assert TOLD in desk.page(desk.new())
    with telling_of(now() + timedelta(seconds=presence.GONE_AFTER_SECONDS + 1)):
        assert TOLD not in desk.page(desk.new())


def test_whoever_does_not_see_the_member_hears_of_nobody(desk: Desk, other_vendor: VendorWorld) -> None:
    desk.page(desk.new())
    note = desk.write()
    for client in (colleague_of(desk.vendor), Desk(other_vendor).client):
        assert client.post(f"{desk.new()}writers/").status_code == 404
        assert client.post(f"{note}writers/").status_code == 404


def test_the_editor_opens_while_valkey_is_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    form = hidden(desk.page(desk.new()))
    nowhere = redis.Redis.from_url("unix:///nowhere.sock", retry=None)
    monkeypatch.setattr(valkey, "client", lambda: nowhere)
    monkeypatch.setattr(valkey, "mark_away", lambda: None)
    assert "Subjective" in desk.page(desk.new())
    assert desk.client.post(f"{desk.new()}keep/", {**form, **SOAP}).status_code == 200
    assert desk.client.post(desk.new(), {**form, **SOAP}).status_code == 302


def test_valkey_holds_no_word_of_the_note(desk: Desk) -> None:
    desk.client.post(f"{desk.new()}keep/", {**hidden(desk.page(desk.new())), **SOAP})
    key = f"throughline:writing:{desk.vendor.tenant.id}:{UUID(desk.session)}:soap"
    ((_, told),) = valkey.client().hgetall(key).items()
    assert b"slept" not in told
    assert 0 < valkey.client().ttl(key) <= presence.GONE_AFTER_SECONDS
