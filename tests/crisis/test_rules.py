"""A tenant's own crisis rules: their bounds, who changes them, and the flags that are raised under them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from apps.accounts.models import Membership
from apps.audit.models import Record
from apps.core.actor import Actor
from apps.core.errors import Forbidden, Invalid
from apps.crisis import settings
from apps.crisis.errors import StaleCrisisSettings
from apps.crisis.models import CrisisFlag, CrisisSettings
from apps.crisis.rules import DEFAULT_RULES, DEFAULT_WORDING, HOUR, MINUTE, Rules, spoken, why_not_rules
from apps.tenants.context import acting_as
from tests.handoffs import steps
from tests.people import VendorWorld


def administrator(vendor: VendorWorld) -> Actor:
    return replace(vendor.actor, id=vendor.admin.id, roles=frozenset({Membership.Role.ADMIN}))


def rules(**changes: Any) -> Rules:
    """The default with some deadlines or the ladder changed: `respond=dict(critical=…)`, `ladder=(…)`."""
    return Rules(
        respond_within_s={**DEFAULT_RULES.respond_within_s, **changes.get("respond", {})},
        resolve_within_s={**DEFAULT_RULES.resolve_within_s, **changes.get("resolve", {})},
        ladder=changes.get("ladder", DEFAULT_RULES.ladder),
    )


def decide(vendor: VendorWorld, decided: Rules, *, wording: str = "Call Kim.", version: int = 0) -> CrisisSettings:
    with acting_as(administrator(vendor)):
        return settings.change(version=version, wording=wording, rules=decided)


def raise_flag(vendor: VendorWorld, member_id: object, severity: str = "critical") -> dict[str, Any]:
    body = {"member_id": str(member_id), "category": "self_harm", "severity": severity, "description": "…"}
    return dict(vendor.api.post("/crisis-flags/", body).json())


def test_the_defaults_keep_their_own_bounds() -> None:
    assert why_not_rules(DEFAULT_RULES) == {}


@pytest.mark.parametrize(
    ("decided", "named"),
    [
        (rules(respond={"critical": HOUR}), "respond_critical"),
        (rules(respond={"critical": 4 * MINUTE}), "respond_critical"),
        (rules(respond={"high": 14 * MINUTE}), "respond_high"),
        (rules(resolve={"critical": 9 * HOUR}), "resolve_critical"),
        (rules(resolve={"high": 25 * HOUR}), "resolve_high"),
        (rules(resolve={"high": 3 * HOUR}), "resolve_high"),
        (rules(respond={"moderate": 48 * HOUR}, resolve={"moderate": 36 * HOUR}), "resolve_moderate"),
        (rules(ladder=()), "ladder"),
        (rules(ladder=("clinician", "vendor_lead")), "ladder"),
        (rules(ladder=("clinician", "covering", "supervisor")), "ladder"),
        (rules(ladder=("covering", "supervisor", "operator")), "ladder"),
        (rules(ladder=("clinician", "operator", "supervisor", "vendor_lead")), "ladder"),
        (rules(ladder=("clinician", "covering", "covering", "operator")), "ladder"),
        (rules(ladder=("clinician", "neighbour", "operator")), "ladder"),
    ],
)
def test_rules_that_leave_someone_alone_are_refused(vendor: VendorWorld, decided: Rules, named: str) -> None:
    with pytest.raises(Invalid) as refused:
        decide(vendor, decided)
    assert list(refused.value.fields or {}) == [named]


@pytest.mark.parametrize("wording", ["", "  \n ", "x" * 4001])
def test_the_wording_is_never_blank_and_never_a_book(vendor: VendorWorld, wording: str) -> None:
    with pytest.raises(Invalid) as refused:
        decide(vendor, DEFAULT_RULES, wording=wording)
    assert list(refused.value.fields or {}) == ["wording"]


def test_the_database_takes_no_blank_wording_either(vendor: VendorWorld) -> None:
    decide(vendor, DEFAULT_RULES)
    with pytest.raises(IntegrityError, match="crisis_wording_is_not_blank"), acting_as(administrator(vendor)):
        CrisisSettings.objects.update(wording=" \n")


def test_a_flag_goes_by_the_rules_of_its_tenant_and_by_no_later_ones(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    ladder = ("clinician", "supervisor", "operator")
    before = raise_flag(vendor, vendor.member().member_id)
    decide(vendor, rules(respond={"critical": 5 * MINUTE}, resolve={"critical": HOUR}, ladder=ladder))
    after, theirs = (raise_flag(each, each.member().member_id) for each in (vendor, other_vendor))
    assert [waits(each) for each in (before, after, theirs)] == [15, 5, 15]


def waits(flag: dict[str, Any]) -> int:
    """Whole minutes between a flag and its deadline."""
    raised, due = (datetime.fromisoformat(flag[name]) for name in ("created_at", "respond_by"))
    return round((due - raised) / timedelta(minutes=1))


def test_a_positive_item_goes_by_the_rules_of_its_tenant(vendor: VendorWorld) -> None:
    decide(vendor, rules(respond={"moderate": 6 * HOUR}))
    body = {"member_id": str(vendor.member().member_id), "instrument": "phq9", "answers": [0] * 8 + [1]}
    vendor.api.post("/assessments/", body)
    assert waits(vendor.api.get("/crisis-flags/").json()["results"][0]) == 6 * 60


def test_a_flag_that_is_handed_over_keeps_the_rules_under_which_it_was_raised(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    decide(vendor, rules(resolve={"critical": HOUR}))
    member_id = steps.with_a_record(vendor)
    raise_flag(vendor, member_id)
    made = steps.offer(vendor, other_vendor, member_id)
    steps.act(other_vendor, made, "accept")
    steps.act(other_vendor, made, "complete")
    with acting_as(other_vendor.actor):
        found = CrisisFlag.objects.filter(member_id=member_id, severity="critical").get()
    assert found.policy["resolve_within_s"] == HOUR


def test_only_an_administrator_changes_them(vendor: VendorWorld) -> None:
    with acting_as(vendor.actor), pytest.raises(Forbidden, match="administrator"):
        settings.change(version=0, wording="Call Kim.", rules=DEFAULT_RULES)


def test_the_second_of_two_who_had_them_open_is_told(vendor: VendorWorld) -> None:
    assert decide(vendor, DEFAULT_RULES).version == 1
    with pytest.raises(StaleCrisisSettings):
        decide(vendor, DEFAULT_RULES, wording="Call Robin.")
    assert decide(vendor, DEFAULT_RULES, wording="Call Robin.", version=1).wording == "Call Robin."


def test_a_tenant_that_decided_nothing_has_the_default(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    decide(other_vendor, rules(respond={"critical": 5 * MINUTE}))
    with acting_as(vendor.actor):
        found = settings.settings_of(vendor.tenant.id)
    assert (found.wording, found.version, found.is_default) == (DEFAULT_WORDING, 0, True)


def test_a_change_is_on_record_without_its_words(vendor: VendorWorld) -> None:
    decide(vendor, rules(respond={"critical": 5 * MINUTE}))
    with acting_as(administrator(vendor)):
        record = Record.objects.get(action="crisis.settings_changed")
    assert record.details["changed"] == ["wording", "rules"]
    assert record.details["respond_within_s"]["critical"] == 300
    assert "Kim" not in str(record.details)


@pytest.mark.parametrize(
    ("seconds", "said"), [(900, "15 minutes"), (3600, "1 hour"), (86_400, "24 hours"), (259_200, "3 days")]
)
def test_a_deadline_is_said_in_the_largest_unit_that_says_it_whole(seconds: int, said: str) -> None:
    assert spoken(seconds) == said
