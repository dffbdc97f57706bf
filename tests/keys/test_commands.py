"""`revoke_key`, `rotate_key`, `suspend_vendor` and `reactivate_vendor` do what their verbs do, or say one sentence."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.people import Api, VendorWorld


def told(command: str, vendor: VendorWorld, **options: Any) -> str:
    out = StringIO()
    call_command(command, vendor=vendor.tenant.slug, stdout=out, **options)
    return out.getvalue().strip()


def status(presented: str) -> int:
    return Api(presented).get("/members/").status_code


def test_a_revoked_key_is_refused_next(vendor: VendorWorld) -> None:
    key, presented = vendor.key(sandbox=True)
    assert status(presented) == 200
    assert told("revoke_key", vendor, key=key.id, sandbox=True) == f"{key.shown}… is revoked."
    assert status(presented) == 401


def test_a_rotation_prints_the_new_key_and_ends_the_old_one_after_the_overlap(vendor: VendorWorld) -> None:
    key, old = vendor.key()
    new = told("rotate_key", vendor, key=key.id, overlap=0)
    assert (status(old), status(new)) == (401, 200)


@pytest.mark.parametrize(
    ("command", "options", "sentence"),
    [
        ("revoke_key", {"sandbox": True}, "no such key"),
        ("rotate_key", {"overlap": 169.0}, "from 0 to 7 days"),
        ("rotate_key", {"overlap": -1.0}, "from 0 to 7 days"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    vendor: VendorWorld, command: str, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        told(command, vendor, key=vendor.key()[0].id, **options)


def test_another_vendors_key_is_as_none(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    key, presented = other_vendor.key()
    with pytest.raises(CommandError, match="no such key"):
        told("revoke_key", vendor, key=key.id)
    assert status(presented) == 200


def test_a_suspended_vendor_is_refused_until_it_is_let_in_again(vendor: VendorWorld) -> None:
    presented, test_key = vendor.key()[1], vendor.key(sandbox=True)[1]
    assert "are suspended" in told("suspend_vendor", vendor)
    assert (status(presented), status(test_key)) == (401, 401)
    assert "are active" in told("reactivate_vendor", vendor)
    assert (status(presented), status(test_key)) == (200, 200)
    with pytest.raises(CommandError, match="no vendor nobody"):
        call_command("suspend_vendor", vendor="nobody")
