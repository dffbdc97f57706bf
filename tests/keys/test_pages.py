"""The pages of keys: made once and shown once, told nowhere else, rotated, revoked, and nobody else's."""

import logging
import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts.models import Membership
from apps.core.actor import system_actor
from apps.core.ids import uuid7
from apps.keys import tasks
from apps.keys.models import APIKey
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.people import Api, VendorWorld
from tests.portal.people import portal

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reply

KEYS = "/portal/keys/"
KEY = re.compile(r"bfl_(?:live|test)_[0-9A-Za-z]{38}")


@pytest.fixture
def admin(vendor: VendorWorld) -> Client:
    return portal(vendor, vendor.admin)


def filled(**changed: Any) -> dict[str, Any]:
    form = {"token": str(uuid7()), "name": "Sync", "world": "live", "scopes": ["members:read"], "expires_on": ""}
    return form | {"networks": ""} | changed


def make(client: Client, **changed: Any) -> "Reply":
    return client.post(f"{KEYS}new/", filled(**changed))


def made(client: Client, **changed: Any) -> tuple[str, str]:
    """The id and the key, as the page that shows it has them."""
    form = filled(**changed)
    page = client.post(f"{KEYS}new/", form).content.decode()
    found = KEY.search(page)
    assert found
    return str(form["token"]), found[0]


def keys_of(vendor: VendorWorld, *, sandbox: bool = False) -> list[APIKey]:
    with acting_as(system_actor(vendor.sandbox.id if sandbox else vendor.tenant.id)):
        return list(APIKey.objects.all())


def test_a_key_works_as_it_was_asked_for_and_the_line_names_it(admin: Client, vendor: VendorWorld) -> None:
    reply = make(admin, expires_on="2199-01-31", networks="127.0.0.0/8\n\n 2001:db8::1/32 ")
    page = reply.content.decode()
    presented = KEY.findall(page)
    assert len(presented) == 2
    assert len(set(presented)) == 1
    assert f"curl -H &#x27;X-API-Key: {presented[0]}&#x27; http://127.0.0.1:8000/api/v2/members/" in page
    assert "no-store" in reply.headers["Cache-Control"]
    assert Api(presented[0]).get("/members/").status_code == 200
    assert Api(presented[0]).get("/notes/").status_code == 403
    (key,) = keys_of(vendor)
    assert (key.networks, key.made_by_id) == (["127.0.0.0/8", "2001:db8::/32"], vendor.admin.id)
    assert key.expires_at is not None
    assert key.expires_at.isoformat() == "2199-01-31T23:59:59+00:00"


def test_a_form_that_is_sent_twice_makes_one_key_and_shows_it_once(admin: Client, vendor: VendorWorld) -> None:
    form = filled()
    first, second = (admin.post(f"{KEYS}new/", form) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 409)
    assert not KEY.search(second.content.decode())
    assert len(keys_of(vendor)) == 1


def test_the_key_is_in_no_other_answer_and_in_no_log(
    admin: Client, vendor: VendorWorld, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        key_id, presented = made(admin)
        Api(presented).get("/members/")
        tasks.flush_usage()
        pages = [admin.get(path).content.decode() for path in (KEYS, f"{KEYS}{key_id}/", f"{KEYS}requests/")]
    secret = presented[12:]
    assert all(secret not in page for page in pages)
    assert secret not in caplog.text
    assert secret not in str(dict(admin.session))


def test_a_sandbox_key_is_made_and_managed_from_the_live_organisation(admin: Client, vendor: VendorWorld) -> None:
    key_id, presented = made(admin, world="sandbox")
    assert presented.startswith("bfl_test_")
    assert [str(key.id) for key in keys_of(vendor, sandbox=True)] == [key_id]
    assert keys_of(vendor) == []
    assert "sandbox key" in admin.get(f"{KEYS}{key_id}/").content.decode()
    assert admin.post(f"{KEYS}{key_id}/revoke/").status_code == 302
    assert Api(presented).get("/members/").status_code == 401


def test_who_works_in_the_sandbox_alone_gets_at_no_live_key(vendor: VendorWorld) -> None:
    with acting_as(system_actor(vendor.sandbox.id)):
        tester = accounts.add_staff(email=f"{uuid7()}@example.org", name="T", role=Membership.Role.ADMIN)
    key = vendor.key()[0]
    client = portal(vendor, tester)
    client.post("/portal/workplaces/enter/", {"workplace": str(vendor.sandbox.id)})
    assert client.get(KEYS).status_code == 200
    assert client.get(f"{KEYS}{key.id}/").status_code == 404
    assert make(client, world="live").status_code == 422
    assert len(keys_of(vendor)) == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"networks": "127.0.0.1\n\nhome\n10.0.0.0/99"}, "Line 3: &#x27;home&#x27; is no network"),
        ({"networks": "10.0.0.0/99"}, "Line 1: "),
        ({"networks": "\n".join(f"10.0.{place}.0/24" for place in range(51))}, "at most 50 networks"),
        ({"scopes": []}, "Tick at least one"),
        ({"scopes": ["members:erase"]}, "There is no scope members:erase"),
        ({"name": " "}, "Say what will use this key"),
        ({"name": "x" * 101}, "At most 100"),
        ({"expires_on": "2020-01-31"}, "lies in the past"),
        ({"expires_on": "9999-12-31"}, "until 2200"),
        ({"expires_on": "soon"}, "Give a day"),
        ({"world": "moon"}, "not one of the available"),
        ({"token": "mine"}, "This form is not whole"),
    ],
)
def test_what_is_wrong_is_said_where_it_is_and_nothing_is_made(
    admin: Client, vendor: VendorWorld, changed: dict[str, Any], told: str
) -> None:
    reply = make(admin, **changed)
    assert reply.status_code == 422
    assert told in reply.content.decode()
    assert keys_of(vendor) == []


def test_after_a_rotation_both_work_and_the_page_tells_who_is_late(admin: Client) -> None:
    key_id, old = made(admin)
    Api(old).get("/members/", User_Agent="curl/8")
    shown = admin.post(f"{KEYS}{key_id}/rotate/", {"overlap": "86400"}).content.decode()
    new = KEY.findall(shown)[0]
    Api(old).get("/members/", User_Agent="cronjob/1")
    assert Api(new).get("/members/", User_Agent="curl/9").status_code == 200
    tasks.flush_usage()
    page = admin.get(f"{KEYS}{key_id}/").content.decode()
    assert "Who still uses it" in page
    assert re.search(r"cronjob.*Old key only", page, re.DOTALL)
    assert re.search(r"curl.*Moved", page, re.DOTALL)


def test_a_rotation_that_is_sent_twice_makes_one_new_key(admin: Client, vendor: VendorWorld) -> None:
    key_id, _ = made(admin)
    replies = [admin.post(f"{KEYS}{key_id}/rotate/", {"overlap": "0"}) for _ in range(2)]
    assert [reply.status_code for reply in replies] == [200, 409]
    assert not KEY.search(replies[1].content.decode())
    assert len(keys_of(vendor)) == 2


def test_an_overlap_that_is_not_offered_is_refused(admin: Client, vendor: VendorWorld) -> None:
    key_id, _ = made(admin)
    assert admin.post(f"{KEYS}{key_id}/rotate/", {"overlap": "99999999"}).status_code == 422
    assert len(keys_of(vendor)) == 1


def test_revoking_asks_first_and_holds_for_the_next_request(admin: Client) -> None:
    key_id, presented = made(admin)
    assert Api(presented).get("/members/").status_code == 200
    assert "Revoke this key?" in admin.get(f"{KEYS}{key_id}/revoke/").content.decode()
    assert Api(presented).get("/members/").status_code == 200
    assert [admin.post(f"{KEYS}{key_id}/revoke/").status_code for _ in range(2)] == [302, 302]
    assert Api(presented).get("/members/").status_code == 401
    assert "There is nothing to revoke" in admin.get(f"{KEYS}{key_id}/revoke/").content.decode()


def test_another_tenants_key_is_as_none(admin: Client, other_vendor: VendorWorld) -> None:
    key, presented = other_vendor.key()
    for key_id in (key.id, uuid.uuid4()):
        replies = [
            admin.get(f"{KEYS}{key_id}/"),
            admin.get(f"{KEYS}{key_id}/revoke/"),
            admin.post(f"{KEYS}{key_id}/revoke/"),
            admin.post(f"{KEYS}{key_id}/rotate/", {"overlap": "0"}),
        ]
        assert [reply.status_code for reply in replies] == [404] * 4
    assert Api(presented).get("/members/").status_code == 200


def test_a_clinician_may_neither_see_nor_make_keys(vendor: VendorWorld) -> None:
    client = portal(vendor, vendor.clinician)
    key = vendor.key()[0]
    for path in (KEYS, f"{KEYS}new/", f"{KEYS}requests/", f"{KEYS}{key.id}/", f"{KEYS}{key.id}/revoke/"):
        assert client.get(path).status_code == 403
    assert make(client).status_code == 403
    assert client.post(f"{KEYS}{key.id}/revoke/").status_code == 403
    assert len(keys_of(vendor)) == 1


def test_html_in_a_name_is_text(admin: Client) -> None:
    key_id, _ = made(admin, name="<script>alert(1)</script> \u202eرمز 🔑")
    for path in (KEYS, f"{KEYS}{key_id}/", f"{KEYS}requests/"):
        assert "<script>alert" not in admin.get(path).content.decode()


def test_each_page_keeps_to_its_statements(admin: Client, vendor: VendorWorld) -> None:
    for sandbox in (False, True):
        for _ in range(3):
            vendor.key(sandbox=sandbox)
    key = vendor.key(sandbox=True)[0]
    for path in (KEYS, f"{KEYS}new/", f"{KEYS}requests/?world=sandbox", f"{KEYS}{key.id}/", f"{KEYS}{key.id}/revoke/"):
        assert len(statements(lambda path=path: admin.get(path).status_code, 200)) <= 12  # type: ignore[misc]
