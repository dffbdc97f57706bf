"""What may be done to a flag, and the times by which it has to be done."""

from datetime import datetime, timedelta

from apps.accounts.models import Membership
from apps.core.actor import Actor
from apps.core.errors import Forbidden
from apps.crisis.models import CrisisFlag, Disposition, Status

# Clocks of partner systems run ahead by a little; what lies further ahead has not happened.
CLOCK_SKEW = timedelta(minutes=5)
EARLIEST_YEAR = 1900


def interval(flag: CrisisFlag) -> timedelta:
    """How long each rung has in the state that the flag is in, by the flag's own policy."""
    acknowledged = flag.status == Status.ACKNOWLEDGED
    return timedelta(seconds=flag.policy["resolve_within_s" if acknowledged else "respond_within_s"])


def resolve_by(flag: CrisisFlag) -> datetime | None:
    """When the outcome is due; None while nobody has taken the flag on, for that starts this clock."""
    within = timedelta(seconds=flag.policy["resolve_within_s"])
    return flag.acknowledged_at + within if flag.acknowledged_at else None


def top_level(flag: CrisisFlag) -> int:
    return len(flag.policy["ladder"]) - 1


def why_not_acknowledge(flag: CrisisFlag) -> str | None:
    if flag.status != Status.OPEN:
        return f"This crisis flag is {flag.status}; only an open one can become acknowledged."
    return None


def why_not_resolve(flag: CrisisFlag) -> str | None:
    if flag.status == Status.RESOLVED:
        return "This crisis flag is resolved already; it cannot become resolved again."
    return None


def why_not_act(flag: CrisisFlag) -> str | None:
    if flag.status == Status.RESOLVED:
        return "This crisis flag is resolved; what is done now belongs into a note."
    return None


def why_not_escalate(flag: CrisisFlag) -> str | None:
    if flag.status == Status.RESOLVED:
        return "This crisis flag is resolved; nobody needs to be called any more."
    if flag.escalation_level >= top_level(flag):
        return "The last rung of the ladder has been called already."
    return None


def why_not_resolution(disposition: str, resolution: str) -> dict[str, list[str]]:
    """What is missing from an outcome, by field; empty when nothing is."""
    faults: dict[str, list[str]] = {}
    if disposition not in Disposition.values:
        faults["disposition"] = [f"Must be one of {', '.join(Disposition.values)}."]
    if not resolution.strip():
        faults["resolution"] = ["Say how the crisis was resolved."]
    return faults


def why_not_occurred(occurred_at: datetime, moment: datetime) -> str | None:
    if occurred_at > moment + CLOCK_SKEW:
        return "Must not lie in the future."
    if occurred_at.year < EARLIEST_YEAR:
        return f"Must not lie before the year {EARLIEST_YEAR}."
    return None


def why_not_change_settings(actor: Actor) -> Forbidden | None:
    if Membership.Role.ADMIN not in actor.roles:
        return Forbidden("Only an administrator changes how your organisation answers a crisis.")
    return None
