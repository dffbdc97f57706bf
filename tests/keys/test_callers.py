"""Who shows a key: gathered without a further trip, written later, bounded, and by the product's name alone."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from apps.core.actor import system_actor
from apps.core.clock import now
from apps.keys import actions, callers, tasks
from apps.keys.callers import Use
from apps.keys.models import APIKey, KeyCaller
from apps.tenants.context import acting_as
from tests.people import Api, VendorWorld

Seen = tuple[str, str, int, int]


def call(presented: str, agent: str, times: int = 1) -> None:
    for _ in range(times):
        assert Api(presented).get("/members/", User_Agent=agent).status_code == 200


def seen(vendor: VendorWorld, key: APIKey) -> set[Seen]:
    tasks.flush_usage()
    with acting_as(system_actor(vendor.tenant.id)):
        found: Any = KeyCaller.objects.filter(key=key).values_list(
            "address", "agent", "requests", "requests_since_rotation"
        )
        return set(found)


def test_callers_are_told_apart_by_product_and_counted(vendor: VendorWorld) -> None:
    key, presented = vendor.key()
    call(presented, "curl/8.5.0", 2)
    call(presented, "python-requests/2.32.3")
    assert seen(vendor, key) == {("127.0.0.1", "curl", 2, 0), ("127.0.0.1", "python-requests", 1, 0)}
    call(presented, "curl/8.9.1")
    assert seen(vendor, key) == {("127.0.0.1", "curl", 3, 0), ("127.0.0.1", "python-requests", 1, 0)}


def test_who_still_shows_a_key_after_its_rotation_is_counted_apart(vendor: VendorWorld) -> None:
    key, presented = vendor.key()
    call(presented, "curl/8", 2)
    assert seen(vendor, key) == {("127.0.0.1", "curl", 2, 0)}
    with acting_as(system_actor(vendor.tenant.id)):
        actions.rotate(key_id=key.id, overlap=timedelta(days=1))
    call(presented, "curl/8")
    assert seen(vendor, key) == {("127.0.0.1", "curl", 3, 1)}


@pytest.mark.parametrize(
    ("agent", "product"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64)", "Mozilla"),
        ("Go-http-client/2.0", "Go-http-client"),
        ("okhttp", "okhttp"),
        ("", "unnamed"),
        ("<script>alert(1)</script>", "unnamed"),
        ("Ada Lovelace, born 1815", "Ada"),
        ("x" * 41, "unnamed"),
        ("käse/1", "unnamed"),
        ("curl\n8", "curl"),
    ],
)
def test_of_an_agent_the_products_name_alone_is_kept(agent: str, product: str) -> None:
    assert callers.product_of(agent) == product


def test_of_a_key_that_is_shown_from_everywhere_the_last_callers_are_kept(vendor: VendorWorld) -> None:
    key, moment = vendor.key()[0], now()
    uses = [Use(key.id, f"2001:db8::{place:x}", "curl", moment - timedelta(minutes=place), 1) for place in range(60)]
    with acting_as(system_actor(vendor.tenant.id)):
        callers.note(uses)
        kept = KeyCaller.objects.filter(key=key)
        assert kept.count() == callers.MOST_PER_KEY
        assert {caller.address for caller in kept} == {use.address for use in uses[: callers.MOST_PER_KEY]}
        key.refresh_from_db()
        assert (key.last_used_at, key.last_used_address) == (moment, "2001:db8::0")


def test_a_use_of_another_tenants_key_is_not_written(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    theirs = other_vendor.key()[0]
    with acting_as(system_actor(vendor.tenant.id)):
        callers.note([Use(theirs.id, "127.0.0.1", "curl", now(), 1), Use(uuid.uuid4(), "", "curl", now(), 1)])
        assert not KeyCaller.objects.exists()
