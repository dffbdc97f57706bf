"""Who may call what: every route of the contract by every kind of caller. A new route fails until it is listed."""

import re
import uuid
from collections.abc import Iterator

import pytest
from django.urls import URLPattern

from apps.accounts import actions as accounts
from apps.api_vendor.base import VendorView
from apps.api_vendor.urls import urlpatterns
from apps.core.actor import system_actor
from apps.keys import actions as keys
from apps.keys.models import SCOPES
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.people import Api, VendorWorld

PUBLIC = {"openapi.json", "docs/", "onboarding/"}
SAMPLE = "00000000-0000-7000-8000-0000000000aa"

# The contract's table: method, path below the base, scope.
ROUTES = {
    ("GET", "members/", "members:read"),
    ("GET", "members/{member_id}/", "members:read"),
    ("GET", "members/{member_id}/care-context/", "sessions:read"),
    ("PUT", "members/{member_id}/care-context/", "sessions:write"),
    ("GET", "sessions/", "sessions:read"),
    ("POST", "sessions/", "sessions:write"),
    ("GET", "sessions/{session_id}/", "sessions:read"),
    ("GET", "notes/", "notes:read"),
    ("POST", "notes/", "notes:write"),
    ("GET", "intelligence/", "sessions:read"),
    ("GET", "members/{member_id}/intelligence/", "sessions:read"),
    ("GET", "assessments/", "assessments:read"),
    ("POST", "assessments/", "assessments:write"),
    ("GET", "crisis-flags/", "crisis:read"),
    ("POST", "crisis-flags/", "crisis:write"),
    ("GET", "handoffs/", "sessions:read"),
    ("POST", "handoffs/", "sessions:write"),
    ("GET", "handoffs/{handoff_id}/", "sessions:read"),
    ("GET", "handoffs/{handoff_id}/context/", "sessions:read"),
    ("POST", "handoffs/{handoff_id}/accept/", "sessions:write"),
    ("POST", "handoffs/{handoff_id}/decline/", "sessions:write"),
    ("POST", "handoffs/{handoff_id}/complete/", "sessions:write"),
    ("POST", "handoffs/{handoff_id}/cancel/", "sessions:write"),
    ("GET", "events/", "sessions:read"),
    ("GET", "events/stream/", "sessions:read"),
    ("GET", "members/{member_id}/timeline/", "sessions:read"),
}


def routes() -> Iterator[tuple[str, str, str]]:
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        view = getattr(pattern.callback, "cls", None)
        path = str(pattern.pattern)
        if path in PUBLIC or path.startswith("^"):
            continue
        assert view is not None, f"{path} is no view of the contract"
        assert issubclass(view, VendorView), f"{path} is no view of the contract"
        for method, scope in view.scopes.items():
            yield method, path.replace("<id:", "{").replace(">", "}"), scope


def test_the_routes_are_those_of_the_table() -> None:
    assert set(routes()) == ROUTES


def filled(path: str) -> str:
    """A path of the table with sample ids in it, below the base."""
    return "/" + re.sub(r"{\w+}", SAMPLE, path)


def call(api: Api, method: str, path: str) -> int:
    return api._send(method, filled(path), {} if method != "GET" else None, {}).status_code


@pytest.mark.parametrize(("method", "path", "scope"), sorted(ROUTES))
def test_without_a_good_key_nothing_answers(vendor: VendorWorld, method: str, path: str, scope: str) -> None:
    key, revoked = vendor.key()
    with acting_as(system_actor(vendor.tenant.id)):
        keys.revoke(key_id=key.id)
    for presented in (None, "", "bfl_live_" + "a" * 38, revoked, revoked[:-1] + "!"):
        assert call(Api(presented), method, path) == 401


@pytest.mark.parametrize(("method", "path", "scope"), sorted(ROUTES))
def test_without_the_scope_the_answer_names_it(vendor: VendorWorld, method: str, path: str, scope: str) -> None:
    api = vendor.api_with([each for each in SCOPES if each != scope])
    response = api._send(
        method,
        filled(path),
        None,
        {},
    )
    assert response.status_code == 403
    assert scope in response.json()["detail"]


@pytest.mark.parametrize(("method", "path", "scope"), sorted(ROUTES))
def test_a_suspended_vendors_keys_are_refused_at_once(vendor: VendorWorld, method: str, path: str, scope: str) -> None:
    api = vendor.api
    assert call(api, method, path) != 401
    with acting_as(system_actor(PLATFORM_ID)):
        accounts.suspend(tenant_id=vendor.tenant.id)
    assert call(api, method, path) == 401


@pytest.mark.parametrize("sandbox", [False, True])
def test_live_and_sandbox_do_not_see_each_other(vendor: VendorWorld, sandbox: bool) -> None:
    member = vendor.member(sandbox=sandbox)
    here = vendor.api_with(SCOPES, sandbox=sandbox)
    there = vendor.api_with(SCOPES, sandbox=not sandbox)
    assert here.get(f"/members/{member.person_id}/").status_code == 200
    assert there.get(f"/members/{member.person_id}/").status_code == 404


def test_a_revoked_key_is_refused_on_its_next_request(vendor: VendorWorld) -> None:
    key, presented = vendor.key()
    api = Api(presented)
    assert api.get("/members/").status_code == 200
    with acting_as(system_actor(vendor.tenant.id)):
        keys.revoke(key_id=key.id)
    assert api.get("/members/").status_code == 401


def test_an_unknown_path_has_the_contracts_shape(vendor: VendorWorld) -> None:
    for path in ("/nowhere/", "/members", f"/members/{uuid.uuid4()}", "/members/not-a-uuid/"):
        response = vendor.api.get(path)
        assert response.status_code == 404
        assert response.json()["detail"]


def test_an_unknown_path_counts_like_any_other_for_a_known_key(vendor: VendorWorld) -> None:
    assert "X-RateLimit-Remaining" in vendor.api.get("/nowhere/").headers
    assert Api(None).get("/nowhere/").status_code == 404


def test_an_id_is_read_in_any_case(vendor: VendorWorld) -> None:
    member = vendor.member()
    assert vendor.api.get(f"/members/{str(member.person_id).upper()}/").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/members/?nope=1"), ("DELETE", "/members/"), ("POST", "/notes/")]
)
def test_a_revoked_key_is_refused_before_anything_else_is_said(vendor: VendorWorld, method: str, path: str) -> None:
    key, presented = vendor.key(["members:read"])
    api = Api(presented)
    assert api.get("/members/").status_code == 200
    with acting_as(system_actor(vendor.tenant.id)):
        keys.revoke(key_id=key.id)
    assert api._send(method, path, {}, {}).status_code == 401


def test_a_wrong_method_says_so(vendor: VendorWorld) -> None:
    response = vendor.api._send("DELETE", "/members/", None, {})
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
