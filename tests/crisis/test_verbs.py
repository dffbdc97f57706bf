"""Acknowledge, resolve and escalate: what each does, refuses, and shows once."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from apps.core.actor import system_actor
from apps.core.errors import Invalid
from apps.crisis import actions, escalation, tasks
from apps.crisis.errors import FlagNotFound, WrongFlagState
from apps.crisis.models import CrisisFlag, EscalationStep
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from tests.people import VendorWorld


def raise_flag(vendor: VendorWorld, member_id: uuid.UUID, severity: str = "high", **told: Any) -> CrisisFlag:
    with acting_as(vendor.actor):
        return actions.raise_flag(
            member_id=member_id, category="self_harm", severity=severity, description="Fresh cuts.", **told
        )


@contextmanager
def looking(vendor: VendorWorld) -> Iterator[None]:
    with acting_as(system_actor(vendor.tenant.id)):
        yield


def die_after_escalating(vendor: VendorWorld) -> None:
    with looking(vendor):
        escalation.escalate_due()
        raise KeyboardInterrupt


def reread(vendor: VendorWorld, flag: CrisisFlag) -> CrisisFlag:
    with looking(vendor):
        return CrisisFlag.objects.get(id=flag.id)


def make_due(vendor: VendorWorld, flag: CrisisFlag) -> None:
    """As if the flag had waited until now."""
    with looking(vendor):
        found = CrisisFlag.objects.get(id=flag.id)
        CrisisFlag.objects.filter(id=flag.id).update(escalate_at=found.created_at)


def levels(vendor: VendorWorld, flag: CrisisFlag) -> list[int]:
    with looking(vendor):
        steps = EscalationStep.objects.filter(flag_id=flag.id).order_by("level")
        return list(steps.values_list("level", flat=True))


def figures(vendor: VendorWorld, member_id: uuid.UUID) -> tuple[int, str]:
    with looking(vendor):
        assignment = Assignment.objects.get(person_id=member_id, ended_at=None)
        return assignment.open_crisis_flags, assignment.risk_level


def test_acknowledging_says_who_and_starts_the_time_to_resolve(vendor: VendorWorld) -> None:
    flag = raise_flag(vendor, vendor.member().member_id)
    with acting_as(vendor.actor):
        actions.acknowledge(flag_id=flag.id)
    found = reread(vendor, flag)
    assert found.status == "acknowledged"
    assert found.acknowledged_by == vendor.actor.reference()
    assert found.acknowledged_at is not None
    assert found.escalate_at == found.acknowledged_at + timedelta(hours=24)
    with acting_as(vendor.actor), pytest.raises(WrongFlagState, match="is acknowledged"):
        actions.acknowledge(flag_id=flag.id)


def test_resolving_lowers_the_count_and_the_risk(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    flag = raise_flag(vendor, member_id, "critical")
    assert figures(vendor, member_id) == (1, "critical")
    with acting_as(vendor.actor):
        actions.resolve(flag_id=flag.id, disposition="safety_plan", resolution="Plan reviewed together.")
    assert figures(vendor, member_id) == (0, "low")
    found = reread(vendor, flag)
    assert (found.status, found.resolution, found.escalate_at) == ("resolved", "Plan reviewed together.", None)
    with acting_as(vendor.actor), pytest.raises(WrongFlagState, match="resolved"):
        actions.resolve(flag_id=flag.id, disposition="safety_plan", resolution="Again.")


def test_a_resolution_needs_a_disposition_and_words(vendor: VendorWorld) -> None:
    flag = raise_flag(vendor, vendor.member().member_id)
    with acting_as(vendor.actor), pytest.raises(Invalid) as refused:
        actions.resolve(flag_id=flag.id, disposition="", resolution=" ")
    assert set(refused.value.fields) == {"disposition", "resolution"}


def test_another_tenants_flag_is_not_there(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    flag = raise_flag(vendor, vendor.member().member_id)
    with acting_as(other_vendor.actor), pytest.raises(FlagNotFound):
        actions.acknowledge(flag_id=flag.id)


def test_the_database_refuses_an_acknowledgement_by_nobody(vendor: VendorWorld) -> None:
    flag = raise_flag(vendor, vendor.member().member_id)
    with pytest.raises(IntegrityError, match="crisis_acknowledged_when_and_by_whom"), looking(vendor):
        CrisisFlag.objects.filter(id=flag.id).update(acknowledged_at=flag.created_at)


def test_an_unanswered_flag_climbs_one_rung_and_only_once(vendor: VendorWorld) -> None:
    flag = raise_flag(vendor, vendor.member().member_id)
    assert tasks.escalate_at(vendor.tenant.id) == 0
    make_due(vendor, flag)
    assert tasks.escalate_at(vendor.tenant.id) == 1
    assert tasks.escalate_at(vendor.tenant.id) == 0
    assert levels(vendor, flag) == [1]
    assert reread(vendor, flag).escalation_level == 1


def test_a_deadline_that_passes_shows_in_the_list_as_in_the_members_brief(vendor: VendorWorld) -> None:
    member_id = vendor.member().member_id
    flag = raise_flag(vendor, member_id)
    with looking(vendor):
        CrisisFlag.objects.filter(id=flag.id).update(respond_by=flag.created_at, escalate_at=flag.created_at)
    tasks.escalate_at(vendor.tenant.id)
    [listed] = vendor.api.get("/intelligence/").json()["results"]
    own = vendor.api.get(f"/members/{member_id}/intelligence/").json()
    assert "unanswered_flag" in {factor["code"] for factor in own["risk_factors"]}
    assert (listed["risk_score"], listed["risk_factors"]) == (own["risk_score"], own["risk_factors"])


def test_a_job_that_dies_before_its_commit_leaves_nothing_and_the_next_does_it(vendor: VendorWorld) -> None:
    flag = raise_flag(vendor, vendor.member().member_id)
    make_due(vendor, flag)
    with pytest.raises(KeyboardInterrupt):
        die_after_escalating(vendor)
    assert levels(vendor, flag) == []
    tasks.escalate_at(vendor.tenant.id)
    assert levels(vendor, flag) == [1]
    feed = vendor.api.get("/events/", {"type": "crisis.escalated"}).json()["results"]
    assert [event["data"]["level"] for event in feed] == [1]


def test_the_ladder_ends_at_the_operator(vendor: VendorWorld) -> None:
    flag = raise_flag(vendor, vendor.member().member_id)
    for _ in range(4):
        make_due(vendor, flag)
        tasks.escalate_at(vendor.tenant.id)
    found = reread(vendor, flag)
    assert (found.escalation_level, found.escalate_at) == (4, None)
    with looking(vendor):
        rungs = list(EscalationStep.objects.filter(flag_id=flag.id).order_by("level").values_list("rung", flat=True))
    assert rungs == ["covering", "supervisor", "vendor_lead", "operator"]


def test_a_rung_without_anybody_reaches_the_next_person_up(vendor: VendorWorld) -> None:
    flag = raise_flag(vendor, vendor.member().member_id)
    make_due(vendor, flag)
    tasks.escalate_at(vendor.tenant.id)
    with looking(vendor):
        step = EscalationStep.objects.get(flag_id=flag.id)
    assert (step.rung, step.reached, step.recipients) == ("covering", "vendor_lead", [vendor.admin.id])


def test_an_acknowledged_flag_that_nobody_resolves_climbs_again(vendor: VendorWorld) -> None:
    flag = raise_flag(vendor, vendor.member().member_id)
    with acting_as(vendor.actor):
        actions.acknowledge(flag_id=flag.id)
    make_due(vendor, flag)
    tasks.escalate_at(vendor.tenant.id)
    with looking(vendor):
        assert EscalationStep.objects.get(flag_id=flag.id).reason == "unresolved"
