"""Onboarding: endpoint 27, the one that needs no key."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, field
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from apps.api_vendor.base import VendorView, writes
from apps.core.actor import SYSTEM_ID, Actor
from apps.doors.addresses import client_address
from apps.doors.tracing import request_id_of
from apps.doors.wire import NOT_BLANK, Answer, Closed, LongText, ShortText
from apps.onboarding import actions
from apps.tenants.models import PLATFORM_ID

Scope = Literal[
    "members:read",
    "sessions:read",
    "sessions:write",
    "notes:read",
    "notes:write",
    "assessments:read",
    "assessments:write",
    "crisis:read",
    "crisis:write",
]
Email = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=254,
        pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
        description="Must be an email address.",
        extra_json_schema={"format": "email"},
    ),
]


class NewRequest(Closed):
    organization_name: ShortText
    contact_name: ShortText
    contact_email: Email
    use_case: Annotated[LongText, Meta(min_length=1), NOT_BLANK]
    expected_members: Annotated[int, Meta(ge=1, le=2_147_483_647)]
    website: Annotated[str, Meta(max_length=500)] | None = None
    country: Annotated[str, Meta(max_length=100)] | None = None
    requested_scopes: list[Scope] = field(default_factory=list)


class Received(Answer):
    id: uuid.UUID
    status: Literal["pending"]
    created_at: datetime


class OnboardingList(VendorView):
    authentication_classes = ()
    permission_classes = (AllowAny,)

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Whoever asks, asks the platform; only the address tells one from another."""
        self.actor = Actor(
            kind="system",
            id=SYSTEM_ID,
            name="Onboarding",
            tenant_id=PLATFORM_ID,
            request_id=request_id_of(request._request),
            address=client_address(request._request),
            door="api_vendor",
        )

    @writes(body=NewRequest, answers=Received, status=201)
    def post(self, request: Request, body: NewRequest) -> Received:
        """Ask to become a vendor; five an hour from one address."""
        asked = actions.request(
            organization_name=body.organization_name,
            contact_name=body.contact_name,
            contact_email=body.contact_email,
            use_case=body.use_case,
            expected_members=body.expected_members,
            website=body.website or "",
            country=body.country or "",
            requested_scopes=body.requested_scopes,
        )
        return Received(id=asked.id, status="pending", created_at=asked.created_at)
