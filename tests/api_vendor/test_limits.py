"""The allowance of a key, its headers, and what happens while Valkey is away."""

import time

import pytest

from apps.keys import limits, valkey
from tests.people import VendorWorld


def test_every_answer_tells_the_allowance_and_the_last_is_refused(vendor: VendorWorld) -> None:
    api = vendor.api_with(["members:read"], limit_per_minute=3)
    left = [api.get("/members/").headers["X-RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = api.get("/members/")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    assert refused.headers["X-RateLimit-Limit"] == "3"
    assert "detail" in refused.json()


@pytest.mark.parametrize("away", [False, True])
def test_the_reset_is_the_end_of_the_minute(vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch, away: bool) -> None:
    monkeypatch.setattr(valkey, "is_away", lambda: away)
    api = vendor.api_with(["members:read"], limit_per_minute=1)
    began = time.time()
    first, refused = api.get("/members/"), api.get("/members/")
    assert began + 59 < int(first.headers["X-RateLimit-Reset"]) <= time.time() + 60
    assert refused.headers["X-RateLimit-Reset"] == first.headers["X-RateLimit-Reset"]
    assert int(refused.headers["Retry-After"]) <= 60


def test_errors_carry_the_allowance_too(vendor: VendorWorld) -> None:
    assert "X-RateLimit-Reset" in vendor.api.get("/members/", {"limit": 0}).headers
    assert "X-RateLimit-Reset" in vendor.api_with([]).get("/members/").headers


def test_while_valkey_is_away_each_process_counts_for_itself(
    vendor: VendorWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(valkey, "is_away", lambda: True)
    monkeypatch.setattr(limits, "_local_counts", {})
    api = vendor.api_with(["members:read"], limit_per_minute=2)
    assert [api.get("/members/").status_code for _ in range(3)] == [200, 200, 429]


def test_a_made_up_forwarded_address_opens_no_network(vendor: VendorWorld) -> None:
    api = vendor.api_with(["members:read"], networks=["203.0.113.0/24"])
    assert api.get("/members/", X_Forwarded_For="203.0.113.9").status_code == 401
