"""A key's life as whoever holds it sees it: made, rotated, restricted, used, ended."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from apps.audit.models import Record
from apps.core.actor import system_actor
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.keys import actions, tasks
from apps.keys.errors import KeyNotRotatable, UnknownScope
from apps.keys.models import APIKey
from apps.tenants.context import acting_as
from tests.people import Api, VendorWorld


def status(presented: str, forwarded_for: str = "") -> int:
    return Api(presented).get("/members/", None, X_Forwarded_For=forwarded_for).status_code


def stored(vendor: VendorWorld, key: APIKey) -> APIKey:
    with acting_as(system_actor(vendor.tenant.id)):
        return APIKey.objects.get(id=key.id)


def rotate(vendor: VendorWorld, key: APIKey, overlap: timedelta) -> str:
    with acting_as(system_actor(vendor.tenant.id)):
        return actions.rotate(key_id=key.id, overlap=overlap)[1]


def move_expiry(vendor: VendorWorld, key: APIKey, by: timedelta) -> None:
    """As if that much time had passed."""
    expires_at = stored(vendor, key).expires_at
    assert expires_at is not None
    with acting_as(system_actor(vendor.tenant.id)):
        APIKey.objects.filter(id=key.id).update(expires_at=expires_at - by)


def test_the_key_itself_is_kept_nowhere(vendor: VendorWorld) -> None:
    key, presented = vendor.key()
    kept = APIKey.objects.filter(id=key.id).values()
    with acting_as(system_actor(vendor.tenant.id)):
        row = str(list(kept))
    assert presented[:12] in row
    assert presented[12:] not in row


def test_both_keys_work_during_the_overlap_and_then_the_new_one_alone(vendor: VendorWorld) -> None:
    key, old = vendor.key()
    new = rotate(vendor, key, timedelta(days=2))
    assert (status(old), status(new)) == (200, 200)
    move_expiry(vendor, key, timedelta(days=2))
    assert (status(old), status(new)) == (401, 200)


def test_without_an_overlap_the_old_key_is_refused_at_once(vendor: VendorWorld) -> None:
    key, old = vendor.key()
    assert status(old) == 200
    new = rotate(vendor, key, timedelta())
    assert (status(old), status(new)) == (401, 200)


def test_a_rotation_keeps_what_the_key_may_do(vendor: VendorWorld) -> None:
    key, _ = vendor.key(["members:read"], networks=["127.0.0.0/8"], limit_per_minute=7)
    answer = Api(rotate(vendor, key, timedelta(days=1))).get("/members/")
    assert (answer.status_code, answer.headers["X-RateLimit-Limit"]) == (200, "7")
    assert stored(vendor, key).replaced_by_id is not None


def test_an_overlap_does_not_prolong_a_key(vendor: VendorWorld) -> None:
    ends = now() + timedelta(hours=1)
    key, _ = vendor.key(expires_at=ends)
    rotate(vendor, key, timedelta(days=7))
    assert stored(vendor, key).expires_at == ends


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=7, seconds=1)])
def test_an_overlap_is_from_none_to_seven_days(vendor: VendorWorld, overlap: timedelta) -> None:
    key, old = vendor.key()
    with pytest.raises(Invalid):
        rotate(vendor, key, overlap)
    assert status(old) == 200


def test_a_key_is_rotated_once_and_not_after_its_end(vendor: VendorWorld) -> None:
    rotated, revoked = vendor.key()[0], vendor.key()[0]
    rotate(vendor, rotated, timedelta(days=1))
    with acting_as(system_actor(vendor.tenant.id)):
        actions.revoke(key_id=revoked.id)
    for key in (rotated, revoked):
        with pytest.raises(KeyNotRotatable):
            rotate(vendor, key, timedelta(days=1))


def test_an_expired_key_is_refused_on_its_next_request(vendor: VendorWorld) -> None:
    key, presented = vendor.key(expires_at=now() + timedelta(hours=1))
    assert status(presented) == 200
    move_expiry(vendor, key, timedelta(hours=1))
    assert status(presented) == 401


def test_a_key_with_networks_is_good_from_these_alone(vendor: VendorWorld) -> None:
    assert status(vendor.key(networks=["127.0.0.0/8", "2001:db8::/32"])[1]) == 200
    assert status(vendor.key(networks=["203.0.113.0/24"])[1]) == 401


def test_an_address_is_taken_from_a_trusted_proxy(vendor: VendorWorld, settings: Settings) -> None:
    presented = vendor.key(networks=["203.0.113.0/24"])[1]
    settings.TRUSTED_PROXIES = ["127.0.0.0/8", "10.0.0.0/8"]
    assert status(presented, "203.0.113.9, 10.1.1.1") == 200
    assert status(presented, "203.0.113.9, 198.51.100.7, 10.1.1.1") == 401


def test_a_network_and_a_scope_that_do_not_exist_are_refused(vendor: VendorWorld) -> None:
    with pytest.raises(Invalid):
        vendor.key(networks=["203.0.113.0/99"])
    with pytest.raises(UnknownScope):
        vendor.key(["members:erase"])


def test_the_last_use_is_written_later_and_once(vendor: VendorWorld) -> None:
    key, presented = vendor.key()
    began = now().replace(microsecond=0)
    for _ in range(3):
        assert status(presented) == 200
    assert stored(vendor, key).last_used_at is None
    tasks.flush_usage()
    used = stored(vendor, key)
    assert used.last_used_at is not None
    assert began <= used.last_used_at <= now()
    assert used.last_used_address == "127.0.0.1"


def test_making_rotating_and_ending_a_key_is_recorded(vendor: VendorWorld) -> None:
    key, _ = vendor.key()
    rotate(vendor, key, timedelta(days=1))
    with acting_as(system_actor(vendor.tenant.id)):
        actions.revoke(key_id=key.id)
        actions.revoke(key_id=key.id)
    with acting_as(system_actor(vendor.tenant.id)):
        recorded = Record.objects.filter(rows__contains=[key.id]).order_by("id").values_list("action", flat=True)
        assert list(recorded) == ["key.issued", "key.rotated", "key.revoked"]
