"""`manage.py issue_key` prints a key that works, or one sentence."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.people import Api, VendorWorld


def issue_key(vendor: VendorWorld, *scopes: str, **options: Any) -> str:
    out = StringIO()
    call_command("issue_key", vendor=vendor.tenant.slug, scopes=list(scopes), stdout=out, **options)
    return out.getvalue().strip()


def test_the_key_that_is_printed_opens_what_was_asked(vendor: VendorWorld) -> None:
    api = Api(issue_key(vendor, "members:read,notes:read"))
    assert api.get("/members/").status_code == 200
    assert api.get("/notes/").status_code == 200
    assert api.get("/sessions/").status_code == 403


def test_a_sandbox_key_reaches_the_sandbox_alone(vendor: VendorWorld) -> None:
    member = vendor.member(sandbox=True)
    vendor.member()
    key = issue_key(vendor, "all", sandbox=True)
    assert key.startswith("bfl_test_")
    assert [each["id"] for each in Api(key).get("/members/").json()["results"]] == [str(member.person_id)]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"expires": "soon"}, "ISO 8601"),
        ({"expires": "2020-01-31"}, "past"),
        ({"networks": ["home"]}, "CIDR"),
        ({"scopes": ["members:erase"]}, "Unknown scope: members:erase"),
        ({"vendor": "nobody"}, "no vendor nobody"),
    ],
)
def test_what_cannot_be_is_one_sentence(vendor: VendorWorld, options: dict[str, Any], sentence: str) -> None:
    asked = {"vendor": vendor.tenant.slug, "scopes": ["members:read"], **options}
    with pytest.raises(CommandError, match=sentence):
        call_command("issue_key", **asked)


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_lets_at_least_one_call_through(vendor: VendorWorld, limit: str) -> None:
    with pytest.raises(CommandError, match="whole number from 1"):
        call_command("issue_key", "--vendor", vendor.tenant.slug, "--scopes", "all", f"--limit={limit}")
