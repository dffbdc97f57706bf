"""What may be done to a flag, and the times by which it has to be done."""

from datetime import datetime, timedelta

from apps.crisis.models import CrisisFlag, Disposition, Status

POLICY_VERSION = 1
LADDER = ("clinician", "covering", "supervisor", "vendor_lead", "operator")

# The first answer: the contract's deadlines.
RESPOND_WITHIN = {
    "critical": timedelta(minutes=15),
    "high": timedelta(hours=1),
    "moderate": timedelta(hours=24),
    "low": timedelta(hours=72),
}
# The outcome, from the acknowledgement on. Critical and high within the same day: Zero Suicide asks for same-day access
# to a behavioural-health professional for whoever is at acute risk. The longer two follow weekly care.
RESOLVE_WITHIN = {
    "critical": timedelta(hours=4),
    "high": timedelta(hours=24),
    "moderate": timedelta(days=3),
    "low": timedelta(days=7),
}
# Clocks of partner systems run ahead by a little; what lies further ahead has not happened.
CLOCK_SKEW = timedelta(minutes=5)
EARLIEST_YEAR = 1900


def escalation_policy(severity: str) -> dict[str, object]:
    """The rules as they are frozen on a flag; times in whole seconds.

    An unanswered flag climbs one rung at `respond_by` and one more each further `respond_within_s`; an acknowledged
    one climbs when `resolve_within_s` have passed since, and again each time they pass.
    """
    return {
        "version": POLICY_VERSION,
        "ladder": list(LADDER),
        "respond_within_s": int(RESPOND_WITHIN[severity].total_seconds()),
        "resolve_within_s": int(RESOLVE_WITHIN[severity].total_seconds()),
    }


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
