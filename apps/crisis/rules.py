"""The rules of one tenant's crisis response: how soon, who is called, and the words that say what to do. Pure.

A tenant may shorten its deadlines and leave out rungs, within bounds that keep somebody coming. The defaults are the
contract's for the first answer; for the outcome they are, for critical and high, of the same day: Zero Suicide asks for
same-day access to a behavioural-health professional for whoever is at acute risk. The longer two follow weekly care.
"""

from collections.abc import Mapping
from itertools import pairwise

import msgspec

SEVERITIES = ("critical", "high", "moderate", "low")
LADDER = ("clinician", "covering", "supervisor", "vendor_lead", "operator")
MINUTE, HOUR, DAY = 60, 3_600, 86_400
# Seconds. No tenant answers later than these; nor so soon that each rung is called before anybody could look.
SHORTEST_TO_RESPOND, SHORTEST_TO_RESOLVE = 5 * MINUTE, 30 * MINUTE
LONGEST_TO_RESPOND = {"critical": 30 * MINUTE, "high": 4 * HOUR, "moderate": 2 * DAY, "low": 7 * DAY}
LONGEST_TO_RESOLVE = {"critical": 8 * HOUR, "high": DAY, "moderate": 7 * DAY, "low": 14 * DAY}
FEWEST_RUNGS = 3
# Whoever stands here answers for more than one member's care: a ladder must not end below.
LAST_RUNGS = ("vendor_lead", "operator")
LONGEST_WORDING = 4_000

# What to do at a positive suicide item, after Stanley & Brown, Cogn Behav Pract 2012;19:256-264 (safety planning), and the
# WHO mhGAP Intervention Guide 2.0 (2016), self-harm/suicide: do not leave alone, remove means, activate support. It names
# no number, for that is another in each country.
DEFAULT_WORDING = """\
Act on this before anything else.

1. Stay with the person, or on the line. Do not leave them alone.
2. Ask directly: Are you thinking of ending your life? Do you have a plan, the means, a time in mind?
3. If they could act soon, call your local emergency number now and stay until help is there.
4. Together, put distance between the person and the means.
5. Open their safety plan, or write one with them, and reach someone whom they trust.
6. Claim the flag at the crisis desk and tell your supervisor, so that you are not alone with it.

If you are filling this in yourself and are in danger, tell the person with you now, call your local emergency number \
or go to the nearest emergency department. You are not alone, and this can be helped."""


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Deadlines in whole seconds by severity; the ladder's rungs from the first called to the last."""

    respond_within_s: dict[str, int]
    resolve_within_s: dict[str, int]
    ladder: tuple[str, ...]

    def policy(self, severity: str) -> dict[str, object]:
        """The rules as they are frozen on a flag.

        An unanswered flag climbs one rung at `respond_by` and one more each further `respond_within_s`; an acknowledged
        one climbs when `resolve_within_s` have passed since, and again each time they pass.
        """
        return {
            "version": POLICY_VERSION,
            "ladder": list(self.ladder),
            "respond_within_s": self.respond_within_s[severity],
            "resolve_within_s": self.resolve_within_s[severity],
        }


POLICY_VERSION = 1
DEFAULT_RULES = Rules(
    respond_within_s={"critical": 15 * MINUTE, "high": HOUR, "moderate": DAY, "low": 3 * DAY},
    resolve_within_s={"critical": 4 * HOUR, "high": DAY, "moderate": 3 * DAY, "low": 7 * DAY},
    ladder=LADDER,
)


def rules_of(kept: Mapping[str, object] | None) -> Rules:
    """What a tenant keeps, or the default where it keeps nothing."""
    return DEFAULT_RULES if kept is None else msgspec.convert(kept, Rules)


def why_not_rules(rules: Rules) -> dict[str, list[str]]:
    """What keeps these from being a tenant's rules, by `respond_<severity>`, `resolve_<severity>` and `ladder`."""
    faults = _why_not_deadlines("respond", rules.respond_within_s, SHORTEST_TO_RESPOND, LONGEST_TO_RESPOND)
    faults |= _why_not_deadlines("resolve", rules.resolve_within_s, SHORTEST_TO_RESOLVE, LONGEST_TO_RESOLVE)
    for severity in SEVERITIES:
        named = {f"respond_{severity}", f"resolve_{severity}"}
        if not named & faults.keys() and rules.resolve_within_s[severity] < rules.respond_within_s[severity]:
            faults[f"resolve_{severity}"] = ["Must not be shorter than the time to answer."]
    if reason := why_not_ladder(rules.ladder):
        faults["ladder"] = [reason]
    return faults


def _why_not_deadlines(
    kind: str, within: Mapping[str, int], shortest: int, longest: Mapping[str, int]
) -> dict[str, list[str]]:
    faults = {
        f"{kind}_{severity}": [reason]
        for severity in SEVERITIES
        if (reason := _why_not_within(within.get(severity), shortest, longest[severity]))
    }
    for graver, milder in pairwise(SEVERITIES):
        named = {f"{kind}_{graver}", f"{kind}_{milder}"}
        if not named & faults.keys() and within[graver] > within[milder]:
            faults[f"{kind}_{milder}"] = [f"Must not be shorter than for {graver}."]
    return faults


def _why_not_within(seconds: int | None, shortest: int, longest: int) -> str | None:
    if seconds is None:
        return "This field is required."
    if not shortest <= seconds <= longest:
        return (
            f"Must be from {spoken(shortest)} to {spoken(longest)}. Longer is not safe; shorter leaves no time to look."
        )
    return None


def why_not_ladder(ladder: tuple[str, ...]) -> str | None:
    if tuple(rung for rung in LADDER if rung in ladder) != ladder:
        return f"Must be some of {', '.join(LADDER)}, each once and in this order."
    if ladder[:1] != LADDER[:1]:
        return "Must begin with the member's clinician."
    if len(ladder) < FEWEST_RUNGS or ladder[-1] not in LAST_RUNGS:
        return "Must call at least two more after the clinician, the last of them the vendor lead or the operator."
    return None


def why_not_wording(wording: str) -> str | None:
    if not wording.strip():
        return "Must not be blank: it is what someone reads first when a suicide item is answered yes."
    if len(wording) > LONGEST_WORDING:
        return f"Must be at most {LONGEST_WORDING} characters."
    return None


def spoken(seconds: int) -> str:
    """`15 minutes`, `1 hour`, `3 days`: in the largest unit that says it whole."""
    unit, size = next(
        (name, size) for name, size in (("day", DAY), ("hour", HOUR), ("minute", MINUTE)) if seconds % size == 0
    )
    # A day is said as hours, as the contract says it.
    if (unit, seconds) == ("day", DAY):
        unit, size = "hour", HOUR
    amount = seconds // size
    return f"{amount} {unit}{'' if amount == 1 else 's'}"
