"""Verbs of the care context: read and replace it, note a review of its safety plan, enter the crisis contacts."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Unpack

from apps.audit import recording as audit
from apps.care_context.errors import StaleCareContext, StaleContacts
from apps.care_context.models import (
    CareContext,
    CareContextVersion,
    Content,
    CrisisContacts,
    SafetyPlanReview,
    what_differs,
)
from apps.care_context.policies import why_not_change_contacts, why_not_review, why_not_update
from apps.core.clock import now
from apps.events import recording as events
from apps.members.actions import require_assigned
from apps.members.models import Assignment
from apps.members.policies import reason_to_read
from apps.tenants.context import current_work


def current(member_id: uuid.UUID) -> CareContext:
    """The care context of an assigned member; an unsaved empty one at version 0 when none was ever set."""
    return context_of(require_assigned(member_id))


def context_of(member: Assignment) -> CareContext:
    """The same for a member whose assignment was read already; one statement."""
    tenant_id, member_id = member.tenant_id, member.person_id
    found = CareContext.objects.filter(tenant_id=tenant_id, member_id=member_id).first()
    return found or CareContext(tenant_id=tenant_id, member_id=member_id)


def update(*, member_id: uuid.UUID, version: int, **content: Unpack[Content]) -> CareContext:
    """Replace an assigned member's care context, which was read at `version`, and keep the new version for good.

    Raises `MemberNotFound`, `Forbidden` for a person who is no clinician, and `StaleCareContext` when the current
    version is another.
    """
    actor = current_work().actor
    if refusal := why_not_update(actor):
        raise refusal
    # The assignment is what two writers meet at: before version 1 there is no row of our own to lock.
    member = require_assigned(member_id, lock=True)
    context = context_of(member)
    if context.version != version:
        raise StaleCareContext(current=context.version, sent=version)
    changed = what_differs(context.content, content)
    for field, value in content.items():
        setattr(context, field, value)
    context.version += 1
    context.updated_at = now()
    context.updated_by = actor.reference()
    if "safety_plan" in changed:
        context.plan_version, context.plan_changed_at = context.version, context.updated_at
    context.save(force_insert=version == 0, force_update=version > 0)
    _keep(context, changed)
    audit.record(
        "care_context.updated",
        rows=[context.id],
        member_id=member_id,
        reason=reason_to_read(actor, member),
        details={"version": context.version},
    )
    events.record("care_context.updated", member_id=member_id, data={"version": context.version})
    return context


def review_plan(*, member_id: uuid.UUID, plan_version: int, reviewed_on: date) -> SafetyPlanReview:
    """Note that the safety plan, as `plan_version` left it, was gone through with the member on that day.

    The same day noted again is the same review. Raises `MemberNotFound`, `NoPlan`, `PlanChanged` when the plan is
    another by now, `Invalid` for a day that has not come, and `Forbidden` for a person who is no clinician.
    """
    work = current_work()
    member = require_assigned(member_id, lock=True)
    if refusal := why_not_review(work.actor, context_of(member), plan_version, reviewed_on):
        raise refusal
    noted = {"member_id": member_id, "plan_version": plan_version, "reviewed_on": reviewed_on}
    # Whoever notes the same day meanwhile waits for the lock above.
    review = SafetyPlanReview.objects.filter(tenant_id=work.tenant_id, **noted).first()
    if review is None:
        told = {"tenant_id": work.tenant_id, "recorded_by": work.actor.reference()}
        review = SafetyPlanReview.objects.create(**told, **noted)
    audit.record(
        "safety_plan.reviewed",
        rows=[review.id],
        member_id=member_id,
        reason=reason_to_read(work.actor, member),
        details={"plan_version": plan_version},
    )
    return review


def current_contacts() -> CrisisContacts:
    """The contacts of the tenant that the work is in; unsaved and empty, at version 0, where it entered none."""
    tenant_id = current_work().tenant_id
    return CrisisContacts.objects.filter(tenant_id=tenant_id).first() or CrisisContacts(tenant_id=tenant_id)


def change_contacts(*, version: int, lines: Sequence[str]) -> CrisisContacts:
    """Replace the tenant's contacts, which were read at `version`.

    `Forbidden` but for an administrator; `StaleContacts` when someone else changed them meanwhile.
    """
    work = current_work()
    if refusal := why_not_change_contacts(work.actor):
        raise refusal
    # Made first where there is none, so that of two at once one waits for the other.
    CrisisContacts.objects.get_or_create(tenant_id=work.tenant_id)
    found = CrisisContacts.objects.select_for_update().get(tenant_id=work.tenant_id)
    if found.version != version:
        raise StaleContacts
    found.lines, found.version = list(lines), version + 1
    found.changed_at, found.changed_by = now(), work.actor.reference()
    found.save(update_fields=["lines", "version", "changed_at", "changed_by"])
    details = {"version": found.version}
    audit.record("crisis_contacts.changed", rows=[found.id], reason="administration", details=details)
    return found


def _keep(context: CareContext, changed: list[str]) -> None:
    CareContextVersion.objects.create(
        tenant_id=context.tenant_id,
        member_id=context.member_id,
        version=context.version,
        snapshot=dict(context.content),
        made_at=context.updated_at or now(),
        made_by=context.updated_by,
        changed=changed,
    )
