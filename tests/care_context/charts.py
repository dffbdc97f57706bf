"""A clinician of the tests at the care context of one member, and a colleague of theirs."""

import secrets
from typing import TYPE_CHECKING, Any

from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts.models import Cover, Membership
from apps.audit.models import Record
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from tests.care_context.test_update import WHOLE, path_of
from tests.people import VendorWorld
from tests.portal.people import portal

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reply


class Chart:
    """A clinician at the care context of one member."""

    def __init__(self, vendor: VendorWorld) -> None:
        self.vendor = vendor
        self.member_id = vendor.member(first_name="Ada").person_id
        self.client = portal(vendor, vendor.clinician)
        self.root = f"/portal/members/{self.member_id}/"
        self.context = f"{self.root}care-context/"
        self.plan = f"{self.root}safety-plan/"
        self.plan_form = self.form("safety_plan")

    def form(self, part: str) -> str:
        return f"{self.context}edit/{part}/"

    def page(self, path: str) -> str:
        reply = self.client.get(path)
        assert reply.status_code == 200, reply.content
        return reply.content.decode()

    def status(self, path: str) -> int:
        return self.client.get(path).status_code

    def put(self, version: int = 0, **content: Any) -> None:
        """What a partner system writes meanwhile."""
        body = {"version": version, **WHOLE, **content}
        assert self.vendor.api.put(path_of(self.member_id), body).status_code == 200

    def send(self, part: str, version: int, **sent: Any) -> "Reply":
        return self.client.post(self.form(part), {"version": version, **sent})

    def said(self) -> dict[str, Any]:
        return dict(self.vendor.api.get(path_of(self.member_id)).json())

    def recorded(self, action: str) -> Record:
        with acting_as(system_actor(self.vendor.tenant.id)):
            return Record.objects.filter(action=action, member_id=self.member_id).latest("occurred_at")


def colleague_of(vendor: VendorWorld, *, covering: bool = False) -> Client:
    with acting_as(system_actor(vendor.tenant.id)):
        email = f"colleague-{secrets.token_hex(4)}@example.org"
        colleague = accounts.add_staff(email=email, name="Kim Rao", role=Membership.Role.CLINICIAN)
        if covering:
            Cover.objects.create(tenant_id=vendor.tenant.id, clinician=vendor.clinician, covered_by=colleague)
    return portal(vendor, colleague)
