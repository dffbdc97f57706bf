"""Verbs of members: register a person at a tenant, assign, change, end; and what other verbs ask of an assignment."""

import uuid
from datetime import datetime, timedelta
from typing import TypedDict

from django.db.models import Q

from apps.accounts.models import BreakGlass
from apps.audit import recording as audit
from apps.core.clock import now
from apps.core.database import run
from apps.core.errors import Invalid
from apps.core.ids import uuid7
from apps.events import recording as events
from apps.members.errors import AlreadyAssigned, ExternalIdTaken, MemberNotFound
from apps.members.models import Assignment, Person
from apps.tenants.context import current_work
from apps.tenants.models import PLATFORM_ID
from apps.vault import blind
from apps.vault.records import encoded, row

GLASS_IS_BROKEN_FOR = timedelta(hours=1)
SHORTEST_REASON = 10
# The assignment and the tokens that find it in one statement.
ASSIGN = """
WITH made AS (
    INSERT INTO members_assignment SELECT * FROM jsonb_populate_record(NULL::members_assignment, %s::jsonb)
    RETURNING id, tenant_id
)
INSERT INTO members_searchtoken (id, tenant_id, token, assignment_id)
SELECT found.id, made.tenant_id, found.token, made.id FROM made, unnest(%s::uuid[], %s::bytea[]) AS found (id, token)
"""


class Profile(TypedDict, total=False):
    """What identifies someone; sealed as one document. `date_of_birth` is `YYYY-MM-DD`."""

    first_name: str
    last_name: str
    preferred_name: str | None
    email: str | None
    phone: str | None
    date_of_birth: str | None


def register_person(*, email: str | None) -> Person:
    """The person with that email, or a new one. The email itself is not kept here, only its blind index."""
    if not email:
        return Person.objects.create()
    index = blind.token(PLATFORM_ID, "person.email", blind.normalise(email))
    person, _ = Person.objects.get_or_create(email_index=index)
    return person


def assign(
    *,
    person_id: uuid.UUID,
    profile: Profile,
    external_id: str | None = None,
    pronouns: str = "",
    timezone: str = "UTC",
    primary_clinician_id: uuid.UUID | None = None,
    assigned_at: datetime | None = None,
    reason: str = "administration",
) -> Assignment:
    """Assign a person to the tenant that the work is in. Conflict when they are assigned or the external id is taken."""
    tenant_id = current_work().tenant_id
    same = Q(person_id=person_id) | Q(external_id=external_id) if external_id else Q(person_id=person_id)
    taken = set(Assignment.objects.filter(same, tenant_id=tenant_id, ended_at=None).values_list("person_id", flat=True))
    if person_id in taken:
        raise AlreadyAssigned("This member is assigned to this vendor already.")
    if taken:
        raise ExternalIdTaken("Another member has this external_id.")
    began = assigned_at or now()
    assignment = Assignment(
        id=uuid7(),
        tenant_id=tenant_id,
        person_id=person_id,
        external_id=external_id,
        profile=profile,
        pronouns=pronouns,
        timezone=timezone,
        primary_clinician_id=primary_clinician_id,
        assigned_at=began,
        intelligence_stale_at=now(),
        measure_due_at=began,
    )
    _insert(assignment, profile)
    audit.record("member.assigned", rows=[assignment.id], member_id=person_id, reason=reason)
    events.record("member.assigned", member_id=person_id, data={"assignment_id": str(assignment.id)})
    return assignment


def _insert(assignment: Assignment, profile: Profile) -> None:
    """Write a new assignment, findable by the names, email and ids of its profile."""
    tokens = sorted(search_tokens(assignment.tenant_id, profile, assignment.external_id))
    run([(ASSIGN, (encoded(row(assignment)), [uuid7() for _ in tokens], tokens))])
    assignment._state.adding = False


def search_tokens(tenant_id: uuid.UUID, profile: Profile, external_id: str | None) -> set[bytes]:
    names = [profile.get("first_name"), profile.get("last_name"), profile.get("preferred_name")]
    return blind.search_tokens(
        tenant_id,
        names=[name for name in names if name],
        email=profile.get("email"),
        external_id=external_id,
    )


def end_assignment(*, member_id: uuid.UUID, reason: str) -> Assignment:
    """End the current assignment: the member is this tenant's no more; what it wrote stays."""
    assignment = require_assigned(member_id, lock=True)
    assignment.ended_at = now()
    assignment.save(update_fields=["ended_at"])
    tell_of_end(assignment.id, tenant_id=assignment.tenant_id, member_id=member_id, reason=reason)
    return assignment


def tell_of_end(assignment_id: uuid.UUID, *, tenant_id: uuid.UUID, member_id: uuid.UUID, reason: str) -> None:
    """Record and announce the end of a tenant's assignment, for whoever writes it."""
    audit.record("member.unassigned", rows=[assignment_id], member_id=member_id, reason=reason, tenant_id=tenant_id)
    data = {"assignment_id": str(assignment_id)}
    events.record("member.unassigned", member_id=member_id, data=data, tenant_id=tenant_id)


def require_assigned(member_id: uuid.UUID, *, lock: bool = False) -> Assignment:
    """The current assignment of a member at the tenant that the work is in, or `MemberNotFound`."""
    found = Assignment.objects.filter(tenant_id=current_work().tenant_id, person_id=member_id, ended_at=None)
    if lock:
        found = found.select_for_update()
    assignment = found.defer("profile").first()
    if assignment is None:
        raise MemberNotFound
    return assignment


def break_glass(*, member_id: uuid.UUID, reason: str) -> BreakGlass:
    """Open a chart to the acting person for an hour, from their next request on; the opening waits for review.

    `MemberNotFound` unless the member is assigned to the tenant; `Invalid` for a reason under ten characters.
    """
    require_assigned(member_id)
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Invalid.field("reason", f"Say in at least {SHORTEST_REASON} characters why you need this chart now.")
    work = current_work()
    opened_at = now()
    glass = BreakGlass.objects.create(
        tenant_id=work.tenant_id,
        user_id=work.actor.id,
        member_id=member_id,
        reason=reason,
        opened_at=opened_at,
        expires_at=opened_at + GLASS_IS_BROKEN_FOR,
    )
    audit.record("chart.glass_broken", rows=[glass.id], member_id=member_id, reason="break_glass")
    return glass


def touched(member_id: uuid.UUID) -> None:
    """Ask that the member's risk is computed anew before this work commits."""
    work = current_work()
    work.add("intelligence", (work.tenant_id, member_id))
