"""Two clinicians at two vendors, each at the pages of handoffs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from apps.accounts.models import User
from apps.handoffs.models import Handoff, HandoffStep
from apps.tenants.context import acting_as
from tests.people import VendorWorld
from tests.portal.people import portal

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reply

HTMX = {"HX-Request": "true"}


class Desk:
    """A browser of someone who works at the vendor, its clinician unless said."""

    def __init__(self, vendor: VendorWorld, user: User | None = None) -> None:
        self.vendor = vendor
        self.user = user or vendor.clinician
        self.client = portal(vendor, self.user)

    def page(self, path: str, expected: int = 200) -> str:
        reply = self.client.get(path)
        assert reply.status_code == expected, reply.content.decode()
        return reply.content.decode()

    def compose(self, member_id: object, **changes: object) -> dict[str, Any]:
        """What the form for that member sends when it is filled in."""
        self.page(of_member(member_id) + "new/")
        sent = {
            "do": "send",
            "handoff_type": "transfer",
            "urgency": "urgent",
            "within": "7",
            "reason": "Moving to another town.",
            "clinical_summary": "Stable on weekly sessions.",
            "scope": ["summary", "sessions", "notes"],
            "obtained": "on",
            "obtained_on": "2026-01-05",
        }
        return {**sent, **changes}

    def send(self, receiver: VendorWorld, member_id: object, **changes: object) -> str:
        """The address of a handoff that was sent through its form."""
        sent = self.compose(member_id, to=str(receiver.tenant.id), **changes)
        reply = self.client.post(of_member(member_id) + "new/", sent)
        assert reply.status_code == 302, reply.content.decode()
        return str(reply.headers["Location"])

    def act(self, handoff: str, verb: str, **sent: object) -> "Reply":
        if verb == "accept":
            sent = {"clinician": str(self.user.id), **sent}
        return self.client.post(f"{handoff}{verb}/", sent)

    def status(self, handoff: str) -> str:
        with acting_as(self.vendor.actor):
            return Handoff.objects.get(id=id_of(handoff)).status

    def steps(self, handoff: str) -> Sequence[str]:
        with acting_as(self.vendor.actor):
            return list(
                HandoffStep.objects.filter(handoff_id=id_of(handoff)).order_by("id").values_list("status", flat=True)
            )


def of_member(member_id: object) -> str:
    return f"/portal/members/{member_id}/handoffs/"


def id_of(handoff: str) -> UUID:
    return UUID(handoff.rstrip("/").rsplit("/", 1)[1])
