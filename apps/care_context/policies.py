"""Who may change a care context, and when a safety plan wants another talk."""

from datetime import date, timedelta

from apps.care_context.errors import NoPlan, PlanChanged
from apps.care_context.models import CareContext, SafetyPlanReview
from apps.core.actor import Actor
from apps.core.clock import now
from apps.core.errors import DomainError, Forbidden, Invalid

WRITING_ROLES = frozenset({"clinician", "supervisor"})
ADMINISTERING_ROLES = frozenset({"vendor_admin"})
EARLIEST_YEAR = 1900
# As often as the Veterans Health Administration re-evaluates a flag of high suicide risk, with the care plan behind it
# (Psychiatric Services 2021, doi 10.1176/appi.ps.202000771). At high risk the talk belongs into every visit.
PLAN_IS_OLD_AFTER = timedelta(days=90)
# The easternmost zone is ahead by this much: no day that has begun anywhere is in the future.
EARLIEST_ZONE = timedelta(hours=14)


def why_not_update(actor: Actor) -> DomainError | None:
    """A key writes for the vendor's own system, which answers for its clinicians; a person must be one."""
    if actor.kind == "person" and not actor.roles & WRITING_ROLES:
        return Forbidden("Only clinicians and their supervisors change a care context or a safety plan.")
    return None


def why_not_change_contacts(actor: Actor) -> DomainError | None:
    if actor.kind == "person" and not actor.roles & ADMINISTERING_ROLES:
        return Forbidden("Only administrators change whom members can call in a crisis.")
    return None


def why_not_review(actor: Actor, context: CareContext, plan_version: int, reviewed_on: date) -> DomainError | None:
    if not context.has_plan():
        return NoPlan()
    if context.plan_version != plan_version:
        return PlanChanged()
    if fault := why_not_that_day(reviewed_on):
        return Invalid.field("reviewed_on", fault)
    return why_not_update(actor)


def why_not_that_day(reviewed_on: date) -> str | None:
    if reviewed_on > (now() + EARLIEST_ZONE).date():
        return "A review cannot lie in the future; enter the day on which you went through the plan together."
    if reviewed_on.year < EARLIEST_YEAR:
        return f"The year must be {EARLIEST_YEAR} or later."
    return None


def last_seen_to(context: CareContext, review: SafetyPlanReview | None) -> date | None:
    """The day on which the plan was last written or gone through; None without a plan."""
    changed_at = context.plan_changed_at or context.updated_at
    if not context.has_plan() or changed_at is None:
        return None
    return max(changed_at.date(), review.reviewed_on) if review else changed_at.date()


def is_old(seen_to: date | None) -> bool:
    return seen_to is not None and now().date() - seen_to > PLAN_IS_OLD_AFTER
