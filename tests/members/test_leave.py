"""Leave and who covers it: when it is refused, who sees the members meanwhile, and how it ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from apps.accounts.errors import LeaveNotFound, LeaveNotValid, LeaveRefused
from apps.accounts.models import Cover, Leave, User
from apps.core.clock import now
from apps.crisis import escalation
from apps.crisis.models import CrisisFlag, EscalationStep
from apps.members import leave
from tests.members.staff import Role, administering, hire, pressing_member
from tests.people import VendorWorld
from tests.portal.people import portal

DAY = timedelta(days=1)


def plan(vendor: VendorWorld, clinician: User, **told: Any) -> Leave:
    told.setdefault("starts_at", now())
    with administering(vendor):
        return leave.plan_leave(clinician_id=clinician.id, **told)


def covering(vendor: VendorWorld) -> set[object]:
    with administering(vendor):
        return set(Cover.objects.filter(tenant_id=vendor.tenant.id).present().values_list("covered_by_id", flat=True))


def test_nobody_goes_while_flags_are_open_and_nobody_covers(vendor: VendorWorld) -> None:
    pressing_member(vendor)
    colleague = hire(vendor)
    with pytest.raises(LeaveRefused, match="open crisis flags"):
        plan(vendor, vendor.clinician)
    planned = plan(vendor, vendor.clinician, covered_by_id=colleague.id)
    assert covering(vendor) == {colleague.id}
    with administering(vendor), pytest.raises(LeaveRefused, match="open crisis flags"):
        leave.change_cover(leave_id=planned.id, covered_by_id=None)
    assert covering(vendor) == {colleague.id}


def test_without_open_flags_someone_goes_uncovered(vendor: VendorWorld) -> None:
    vendor.member()
    assert plan(vendor, vendor.clinician).has_begun()
    assert covering(vendor) == set()


def test_whoever_covers_sees_the_members_until_the_clinician_is_back(vendor: VendorWorld) -> None:
    member, colleague = vendor.member(), hire(vendor)
    client = portal(vendor, colleague)
    chart = f"/portal/members/{member.person_id}/"
    assert member.called not in client.get(chart).content.decode()
    planned = plan(vendor, vendor.clinician, covered_by_id=colleague.id)
    assert member.called in client.get(chart).content.decode()
    with administering(vendor):
        assert leave.end_leave(leave_id=planned.id)
    assert member.called not in client.get(chart).content.decode()
    with administering(vendor), pytest.raises(LeaveNotFound):
        leave.end_leave(leave_id=planned.id)


def test_another_takes_over_the_cover_from_now_on(vendor: VendorWorld) -> None:
    first, second = hire(vendor), hire(vendor)
    planned = plan(vendor, vendor.clinician, ends_at=now() + DAY, covered_by_id=first.id)
    with administering(vendor):
        leave.change_cover(leave_id=planned.id, covered_by_id=second.id)
        assert Cover.objects.get(tenant_id=vendor.tenant.id, covered_by=second).ends_at == planned.ends_at
    assert covering(vendor) == {second.id}


def test_leave_to_come_is_taken_back_with_its_cover(vendor: VendorWorld) -> None:
    colleague = hire(vendor)
    planned = plan(vendor, vendor.clinician, starts_at=now() + DAY, ends_at=now() + 2 * DAY, covered_by_id=colleague.id)
    assert covering(vendor) == set()
    with administering(vendor):
        assert not leave.end_leave(leave_id=planned.id)
        assert not Leave.objects.filter(tenant_id=vendor.tenant.id).exists()
        assert not Cover.objects.filter(tenant_id=vendor.tenant.id).exists()


def test_nobody_is_away_twice_at_once_or_while_they_cover_or_covers_while_away(vendor: VendorWorld) -> None:
    colleague = hire(vendor)
    plan(vendor, vendor.clinician, starts_at=now() + DAY, ends_at=now() + 3 * DAY, covered_by_id=colleague.id)
    for who, since in ((vendor.clinician, 2), (colleague, 2)):
        with pytest.raises(LeaveRefused):
            plan(vendor, who, starts_at=now() + since * DAY)
    third = hire(vendor)
    with pytest.raises(LeaveRefused, match="on leave themselves"):
        plan(vendor, third, covered_by_id=vendor.clinician.id)
    assert plan(vendor, colleague, ends_at=now() + DAY / 2, covered_by_id=vendor.clinician.id)


@pytest.mark.parametrize(
    ("starts", "ends", "field"),
    [
        (0 * DAY, -DAY, "ends_at"),
        (2 * DAY, DAY, "ends_at"),
        (-DAY, timedelta(0), "ends_at"),
        (800 * DAY, None, "starts_at"),
        (0 * DAY, 800 * DAY, "ends_at"),
    ],
)
def test_times_that_make_no_sense_are_refused(
    vendor: VendorWorld, starts: timedelta, ends: timedelta | None, field: str
) -> None:
    moment: datetime = now()
    with pytest.raises(LeaveNotValid) as refused:
        plan(vendor, vendor.clinician, starts_at=moment + starts, ends_at=None if ends is None else moment + ends)
    assert set(refused.value.fields) == {field}


def test_only_clinicians_of_the_place_go_and_cover(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    for wrong in (vendor.admin, other_vendor.clinician):
        with pytest.raises(LeaveNotValid):
            plan(vendor, wrong)
        with pytest.raises(LeaveNotValid):
            plan(vendor, vendor.clinician, covered_by_id=wrong.id)
    with pytest.raises(LeaveNotValid):
        plan(vendor, vendor.clinician, covered_by_id=vendor.clinician.id)
    planned = plan(vendor, vendor.clinician)
    with administering(other_vendor), pytest.raises(LeaveNotFound):
        leave.end_leave(leave_id=planned.id)


def reached(vendor: VendorWorld) -> list[object]:
    with administering(vendor):
        CrisisFlag.objects.filter(tenant_id=vendor.tenant.id).update(escalate_at=now())
        escalation.escalate_due()
        return list(EscalationStep.objects.get(tenant_id=vendor.tenant.id).recipients)


def test_a_flag_that_nobody_answers_climbs_to_whoever_covers(vendor: VendorWorld) -> None:
    pressing_member(vendor)
    hire(vendor)
    named = hire(vendor)
    hire(vendor, Role.SUPERVISOR)
    plan(vendor, vendor.clinician, covered_by_id=named.id)
    assert reached(vendor) == [named.id]


def test_without_cover_it_climbs_to_the_clinicians_who_are_there(vendor: VendorWorld) -> None:
    away, there = hire(vendor), hire(vendor)
    plan(vendor, away)
    pressing_member(vendor)
    assert reached(vendor) == [there.id]
