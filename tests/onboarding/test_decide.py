"""Approving and declining onboarding requests, which operators do."""

import secrets
import uuid

import pytest

from apps.accounts.models import Membership, User
from apps.core.actor import Actor, system_actor
from apps.core.errors import Forbidden, Invalid
from apps.keys import actions as keys
from apps.keys.models import SCOPES
from apps.onboarding import actions
from apps.onboarding.errors import RequestDecided, RequestNotFound
from apps.onboarding.models import OnboardingRequest
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from tests.onboarding.test_request import body, someone
from tests.people import Api, VendorWorld


def operator(role: str = "operator") -> Actor:
    return Actor("person", uuid.uuid4(), "Lee Marsh", PLATFORM_ID, roles=frozenset({role}), door="portal")


def a_request() -> tuple[uuid.UUID, str]:
    sent = body(organization_name=f"Nørth Practice & Sons {secrets.token_hex(4)}")
    made = someone().post("/onboarding/", sent)
    assert made.status_code == 201, made.content
    return uuid.UUID(made.json()["id"]), sent["contact_email"]


def test_approval_makes_a_vendor_that_can_work_at_once() -> None:
    request_id, email = a_request()
    with acting_as(operator()):
        vendor = actions.approve(request_id=request_id)
    assert vendor.live.slug.startswith("nrth-practice-sons") or vendor.live.slug.startswith("north-practice-sons")
    assert vendor.live.twin_id == vendor.sandbox.id
    administrator = User.objects.get_by_natural_key(email)
    for tenant in (vendor.live, vendor.sandbox):
        with acting_as(system_actor(tenant.id)):
            assert Membership.objects.get(tenant_id=tenant.id, user=administrator).role == Membership.Role.ADMIN
            _, presented = keys.issue(name="first", scopes=SCOPES)
        assert Api(presented).get("/members/").json()["count"] == 0


def test_a_decision_is_made_once() -> None:
    request_id, _ = a_request()
    with acting_as(operator()):
        declined = actions.decline(request_id=request_id, reason="No licence.")
        assert declined.status == "declined"
    with acting_as(operator()):
        assert OnboardingRequest.objects.get(id=request_id).decline_reason == "No licence."
        with pytest.raises(RequestDecided, match=r"declined.*approved"):
            actions.approve(request_id=request_id)


def test_a_declined_email_may_ask_again() -> None:
    request_id, email = a_request()
    with acting_as(operator()):
        actions.decline(request_id=request_id, reason="Not yet.")
    assert someone().post("/onboarding/", body(contact_email=email)).status_code == 201


def test_declining_needs_a_reason() -> None:
    request_id, _ = a_request()
    with acting_as(operator()), pytest.raises(Invalid):
        actions.decline(request_id=request_id, reason=" ")


def test_only_operators_decide(vendor: VendorWorld) -> None:
    request_id, _ = a_request()
    with acting_as(operator("auditor")), pytest.raises(Forbidden):
        actions.approve(request_id=request_id)
    with acting_as(vendor.actor), pytest.raises(RequestNotFound):
        actions.approve(request_id=request_id)
