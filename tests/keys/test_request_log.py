"""The request log: what is kept of a request, for whom, how much of it, and what happens while Valkey is away."""

from collections.abc import Callable

import pytest

from apps.core.ids import uuid7
from apps.keys import request_log, valkey
from apps.keys.request_log import Entry, LogAway, Noted
from tests.people import Api, VendorWorld


def everything(_: Entry) -> bool:
    return True


def kept(vendor: VendorWorld, matches: Callable[[Entry], bool] = everything, before: str | None = None) -> list[Noted]:
    request_log.flush()
    return request_log.newest_first(vendor.tenant.id, matches, before=before, count=50)


def told(vendor: VendorWorld) -> list[tuple[str, str, int, str, str]]:
    """Oldest first."""
    return [
        (each.entry.method, each.entry.path, each.entry.status, each.entry.scope, each.entry.decision)
        for each in kept(vendor)[::-1]
    ]


def test_each_request_says_what_was_asked_and_decided_and_nothing_of_what_it_carried(vendor: VendorWorld) -> None:
    api = vendor.api_with(["members:read"], limit_per_minute=4)
    api.get("/members/", {"search": "Thistlewood"})
    api.post("/notes/", {"content": "Thistlewood"})
    api.get("/nowhere/")
    api.post("/members/", {})
    api.get("/members/")
    assert told(vendor) == [
        ("GET", "/api/v2/members/", 200, "members:read", "granted"),
        ("POST", "/api/v2/notes/", 403, "notes:write", "missing"),
        ("GET", "/api/v2/nowhere/", 404, "", "not_needed"),
        ("POST", "/api/v2/members/", 405, "", "not_needed"),
        ("GET", "/api/v2/members/", 429, "members:read", "not_asked"),
    ]
    assert "Thistlewood" not in str(kept(vendor))


def test_an_entry_names_the_key_and_the_request_as_the_answer_does(vendor: VendorWorld) -> None:
    key, presented = vendor.key()
    answer = Api(presented).get("/members/", X_Request_Id="mine-7")
    (noted,) = kept(vendor)
    assert (noted.entry.key_id, noted.entry.request_id) == (key.id, answer.headers["X-Request-Id"])
    assert noted.entry.milliseconds > 0


def test_a_known_key_from_a_forbidden_network_is_noted_and_an_unknown_one_is_nobodys(vendor: VendorWorld) -> None:
    key, presented = vendor.key(networks=["203.0.113.0/24"])
    assert Api(presented).get("/members/").status_code == 401
    assert Api("bfl_live_nonsense").get("/members/").status_code == 401
    assert [(each.entry.key_id, each.entry.status, each.entry.decision) for each in kept(vendor)] == [
        (key.id, 401, "not_asked")
    ]


def test_a_tenants_requests_are_its_own(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    other_vendor.api.get("/members/")
    vendor.api_with(["members:read"], sandbox=True).get("/members/")
    assert kept(vendor) == []


def test_it_is_paged_by_cursor_newest_first_and_filtered(vendor: VendorWorld) -> None:
    for place in range(60):
        entry = Entry(0, "GET", f"/{place}/", 200 + place % 2, "", "not_needed", 1.0, str(place), uuid7())
        request_log.note(vendor.tenant.id, entry)
    first = kept(vendor)
    rest = kept(vendor, before=first[-1].cursor)
    assert [each.entry.request_id for each in first + rest] == [str(place) for place in reversed(range(60))]
    assert len(kept(vendor, lambda entry: entry.status == 201)) == 30


def test_the_oldest_go_so_that_a_tenants_log_is_bounded(vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_log, "_CAP", b"100")
    for _ in range(400):
        request_log.note(vendor.tenant.id, Entry(0, "GET", "/", 200, "", "not_needed", 1.0, "", uuid7()))
    request_log.flush()
    name = f"{request_log._NAME}{vendor.tenant.id.hex}"
    # Whole nodes of the stream are dropped, of a hundred entries each.
    assert 100 <= valkey.client().xlen(name) <= 200


def test_while_valkey_is_away_requests_are_answered_and_not_noted(
    vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = vendor.api
    with monkeypatch.context() as away:
        away.setattr(valkey, "is_away", lambda: True)
        assert api.get("/members/").status_code == 200
        request_log.flush()
    assert kept(vendor) == []


def test_a_connection_that_valkey_has_closed_is_opened_once_more(vendor: VendorWorld) -> None:
    vendor.api.get("/members/")
    assert len(kept(vendor)) == 1
    valkey.client().client_kill_filter(_type="normal", skipme=True)
    vendor.api.get("/members/")
    assert len(kept(vendor)) == 2


def test_what_cannot_be_read_is_said(vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: object, **kwargs: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(valkey.client(), "xrevrange", away)
    with pytest.raises(LogAway):
        kept(vendor)


def test_entries_are_sent_by_themselves(vendor: VendorWorld) -> None:
    vendor.api.get("/members/")
    sender = request_log._sender
    assert sender
    assert sender.is_alive()
    assert sender.daemon


def test_a_process_keeps_no_more_than_so_many_that_wait() -> None:
    assert request_log._waiting.maxlen == request_log.MOST_WAITING
