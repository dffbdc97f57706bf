"""Verbs of onboarding: request, approve, decline. All run in the platform's tenant."""

import re
import unicodedata
import uuid
from collections.abc import Sequence

from django.db import IntegrityError

from apps.accounts import actions as accounts
from apps.accounts.actions import Vendor
from apps.accounts.models import Membership
from apps.audit import recording as audit
from apps.core.clock import now
from apps.core.database import run
from apps.core.errors import Invalid
from apps.core.ids import uuid7
from apps.onboarding import policies
from apps.onboarding.errors import RequestNotFound, RequestNotValid, RequestPending
from apps.onboarding.models import OnboardingRequest
from apps.tenants.context import current_work, within
from apps.vault import blind

# Two requests of one address at once wait for each other, so that five are five. The lock's name is the address's
# blind index, and it ends with the transaction.
LOCK = "SELECT pg_advisory_xact_lock(%s)"
RECENT = """
SELECT created_at FROM onboarding_onboardingrequest
WHERE tenant_id = %s AND address_token = %s AND created_at > %s ORDER BY created_at DESC LIMIT %s
"""


def request(
    *,
    organization_name: str,
    contact_name: str,
    contact_email: str,
    use_case: str,
    expected_members: int,
    website: str = "",
    country: str = "",
    requested_scopes: Sequence[str] = (),
) -> OnboardingRequest:
    """Ask to become a vendor. `RequestNotValid` by field; `TooManyRequests`; `RequestPending` for the same email.

    The client's address is the acting actor's; requests whose address is unknown share one allowance.
    """
    work = current_work()
    _refuse_fields(
        contact_email=policies.why_not_this_email(contact_email),
        website=policies.why_not_this_website(website),
        requested_scopes=policies.why_not_these_scopes(requested_scopes),
    )
    address_token = blind.token(work.tenant_id, "onboarding.address", work.actor.address or "unknown")
    _refuse_flood(work.tenant_id, address_token)
    asked = OnboardingRequest(
        id=uuid7(),
        tenant_id=work.tenant_id,
        organization_name=organization_name,
        contact_name=contact_name,
        contact_email=contact_email,
        email_token=blind.token(work.tenant_id, "onboarding.email", blind.normalise(contact_email)),
        website=website,
        country=country,
        use_case=use_case,
        expected_members=expected_members,
        requested_scopes=sorted(set(requested_scopes)),
        address_token=address_token,
    )
    try:
        asked.save(force_insert=True)
    except IntegrityError:
        raise RequestPending from None
    audit.record("onboarding.requested", rows=[asked.id], reason="onboarding")
    return asked


def approve(*, request_id: uuid.UUID, slug: str | None = None) -> Vendor:
    """Make the vendor, its sandbox twin and its first administrator out of a pending request.

    `slug` is made from the organisation's name unless given; `SlugTaken` when another vendor has it.
    """
    asked = _locked(request_id, "approved")
    vendor = accounts.open_vendor(slug=slug or _slug(asked.organization_name), name=asked.organization_name)
    for tenant in (vendor.live, vendor.sandbox):
        with within(tenant.id):
            accounts.add_staff(email=asked.contact_email, name=asked.contact_name, role=Membership.Role.ADMIN)
    asked.vendor = vendor.live
    _decide(asked, OnboardingRequest.Status.APPROVED)
    return vendor


def decline(*, request_id: uuid.UUID, reason: str) -> OnboardingRequest:
    """Turn a pending request down, saying why."""
    if not reason.strip():
        raise Invalid.field("reason", "Say why the request is declined.")
    asked = _locked(request_id, "declined")
    asked.decline_reason = reason
    _decide(asked, OnboardingRequest.Status.DECLINED)
    return asked


def _refuse_fields(**reasons: str | None) -> None:
    fields = {field: [reason] for field, reason in reasons.items() if reason}
    if fields:
        raise RequestNotValid("Some fields are not valid.", fields=fields)


def _refuse_flood(tenant_id: uuid.UUID, address_token: bytes) -> None:
    moment = now()
    recent = (tenant_id, address_token, moment - policies.HOUR, policies.MOST_IN_AN_HOUR)
    name = int.from_bytes(address_token[:8], "big", signed=True)
    rows = run([(LOCK, (name,)), (RECENT, recent)])[1]
    if refusal := policies.why_not_another([row[0] for row in rows], moment):
        raise refusal


def _locked(request_id: uuid.UUID, wanted: str) -> OnboardingRequest:
    actor = current_work().actor
    asked = OnboardingRequest.objects.visible_to(actor).select_for_update().filter(id=request_id).first()
    if asked is None:
        raise RequestNotFound
    if refusal := policies.why_not_decide(actor, asked, wanted):
        raise refusal
    return asked


def _decide(asked: OnboardingRequest, status: OnboardingRequest.Status) -> None:
    asked.status = status
    asked.decided_at = now()
    asked.decided_by = current_work().actor.reference()
    asked.save(update_fields=["status", "decided_at", "decided_by", "decline_reason", "vendor"])
    audit.record(f"onboarding.{status}", rows=[asked.id], reason="onboarding")


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or f"vendor-{uuid7().hex[-8:]}"
