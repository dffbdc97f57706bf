"""Members: endpoints 1 and 2."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from rest_framework.request import Request

from apps.api_vendor.base import VendorView, reads
from apps.api_vendor.pagination import ListQuery, Page, page
from apps.doors.wire import Answer
from apps.members.errors import MemberNotFound
from apps.members.models import Assignment, Row
from apps.vault import blind, cipher

RiskLevel = Literal["low", "moderate", "high", "critical"]
MemberStatus = Literal["active", "paused", "discharged"]


class Named(Answer):
    id: uuid.UUID
    name: str


class Profile(msgspec.Struct, frozen=True):
    """The sealed document of an assignment."""

    first_name: str | None = None
    last_name: str | None = None
    preferred_name: str | None = None
    email: str | None = None
    phone: str | None = None
    date_of_birth: str | None = None


class Member(Answer):
    id: uuid.UUID
    external_id: str | None
    first_name: str | None
    last_name: str | None
    preferred_name: str | None
    pronouns: str | None
    email: str | None
    phone: str | None
    date_of_birth: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None
    timezone: str
    status: MemberStatus
    assigned_at: datetime
    primary_clinician: Named | None
    risk_level: RiskLevel
    open_crisis_flags: int
    last_session_at: datetime | None


class MemberQuery(ListQuery):
    status: MemberStatus | None = None
    search: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    risk_level: RiskLevel | None = None


_open_profile = msgspec.json.Decoder(Profile).decode


def presented(tenant_id: uuid.UUID, rows: Iterable[Row]) -> list[Member]:
    """Rows of `members.models.COLUMNS` as the contract shows them."""
    unseal = cipher.unsealing(tenant_id, "members_assignment", "profile")
    return [_present(row, _open_profile(unseal(row[0], row[3]))) for row in rows]


def _present(row: Row, profile: Profile) -> Member:
    _, person_id, external_id, _, pronouns, timezone, status, assigned_at = row[:8]
    clinician_id, clinician_name, risk_level, open_crisis_flags, last_session_at = row[8:]
    return Member(
        id=person_id,
        external_id=external_id,
        first_name=profile.first_name,
        last_name=profile.last_name,
        preferred_name=profile.preferred_name,
        pronouns=pronouns or None,
        email=profile.email,
        phone=profile.phone,
        date_of_birth=profile.date_of_birth,
        timezone=timezone,
        status=status,
        assigned_at=assigned_at,
        primary_clinician=Named(id=clinician_id, name=clinician_name) if clinician_id else None,
        risk_level=risk_level,
        open_crisis_flags=open_crisis_flags,
        last_session_at=last_session_at,
    )


class MemberList(VendorView):
    scopes = {"GET": "members:read"}

    @reads(query=MemberQuery, answers=Page[Member])
    def get(self, request: Request, query: MemberQuery) -> Page[Member]:
        """Members, newest assignment first."""
        tenant_id = self.actor.tenant_id
        tokens = None if query.search is None else blind.query_tokens(tenant_id, query.search)
        count, rows = Assignment.objects.page(
            tenant_id,
            status=query.status,
            risk_level=query.risk_level,
            tokens=tokens,
            limit=query.limit,
            offset=query.offset,
        )
        return page(request, query, count, presented(tenant_id, rows))


class MemberDetail(VendorView):
    scopes = {"GET": "members:read"}

    @reads(answers=Member)
    def get(self, request: Request, member_id: uuid.UUID) -> Member:
        """One member."""
        row = Assignment.objects.one(self.actor.tenant_id, member_id)
        if row is None:
            raise MemberNotFound
        return presented(self.actor.tenant_id, [row])[0]
