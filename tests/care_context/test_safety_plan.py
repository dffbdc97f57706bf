"""The safety plan: reviewed with the member, told when it is old, printed, and open behind a broken glass."""

from datetime import timedelta

import pytest

from apps.care_context import actions
from apps.care_context.models import SafetyPlanReview
from apps.core.actor import system_actor
from apps.core.clock import now, telling_of
from apps.tenants.context import acting_as
from tests.care_context.charts import Chart, colleague_of
from tests.care_context.test_update import WHOLE
from tests.people import VendorWorld
from tests.portal.people import PASSWORD


@pytest.fixture
def chart(vendor: VendorWorld) -> Chart:
    return Chart(vendor)


def test_a_broken_glass_opens_the_plan_and_is_named_as_the_reason(chart: Chart) -> None:
    chart.put()
    client = colleague_of(chart.vendor)
    client.post(f"{chart.root}break-glass/", {"reason": "Found on the bridge", "password": PASSWORD})
    assert "something for helpers" in client.get(chart.plan).content.decode()
    assert chart.recorded("safety_plan.read").reason == "break_glass"
    assert client.post(chart.plan_form, {"version": 1, "helpers": ["brother"]}).status_code == 302
    assert chart.recorded("care_context.updated").reason == "break_glass"


def test_a_review_is_noted_once_a_day_and_told_with_the_plan(chart: Chart) -> None:
    chart.put()
    today = now().date().isoformat()
    for _ in range(2):
        reply = chart.client.post(f"{chart.plan}review/", {"plan_version": 1, "reviewed_on": today})
        assert reply.headers["Location"] == chart.plan
    assert "noted by Dr Sam Okafor" in chart.page(chart.plan)
    with acting_as(system_actor(chart.vendor.tenant.id)):
        assert SafetyPlanReview.objects.filter(member_id=chart.member_id).count() == 1
    assert chart.said()["version"] == 1


def test_a_plan_is_saved_and_reviewed_in_one_go_and_again_without_a_change(chart: Chart) -> None:
    for day in ("2026-01-02", "2026-01-05"):
        version = chart.said()["version"]
        assert chart.send("safety_plan", version, helpers=["sister"], reviewed_on=day).status_code == 302
        assert f"on {int(day[-2:])} January 2026" in chart.page(chart.plan)
    assert chart.said()["version"] == 1


def test_a_plan_that_changed_since_is_not_marked_as_reviewed(chart: Chart) -> None:
    chart.put()
    chart.client.post(f"{chart.plan}review/", {"plan_version": 1, "reviewed_on": "2026-01-05"})
    chart.send("safety_plan", 1, helpers=["sister"])
    late = chart.client.post(f"{chart.plan}review/", {"plan_version": 1, "reviewed_on": "2026-01-06"})
    assert late.status_code == 409
    assert "changed since you opened it" in late.content.decode()
    assert "Changed since it was reviewed." in chart.page(chart.plan)
    assert chart.client.post(f"{chart.plan}review/", {"plan_version": 2, "reviewed_on": "x"}).status_code == 422


def test_there_is_nothing_to_review_or_print_without_a_plan(chart: Chart) -> None:
    sent = {"plan_version": 0, "reviewed_on": "2026-01-06"}
    assert chart.client.post(f"{chart.plan}review/", sent).status_code == 409
    assert chart.client.get(f"{chart.plan}print/").status_code == 409


@pytest.mark.parametrize(("days", "is_told"), [(90, False), (91, True)])
def test_a_plan_that_nobody_saw_to_for_long_is_called_old(chart: Chart, days: int, is_told: bool) -> None:
    with acting_as(chart.vendor.actor), telling_of(now() - timedelta(days=days)):
        actions.update(member_id=chart.member_id, version=0, **WHOLE)
    assert ("This plan is old." in chart.page(chart.plan)) is is_told
    chart.client.post(f"{chart.plan}review/", {"plan_version": 1, "reviewed_on": now().date().isoformat()})
    assert "This plan is old." not in chart.page(chart.plan)


def test_a_change_elsewhere_makes_no_plan_younger(chart: Chart) -> None:
    with acting_as(chart.vendor.actor), telling_of(now() - timedelta(days=200)):
        actions.update(member_id=chart.member_id, version=0, **WHOLE)
    chart.send("topics", 1, focus_areas=["work"])
    assert "This plan is old." in chart.page(chart.plan)


def test_the_paper_has_the_name_the_steps_that_say_something_and_no_more(chart: Chart) -> None:
    chart.send("safety_plan", 0, helpers=["my sister, 555 0101"])
    page = chart.page(f"{chart.plan}print/")
    for words in ("My safety plan", "Ada Quill", "4. People whom I can ask for help", "my sister, 555 0101"):
        assert words in page
    assert "Warning signs" not in page
    assert chart.recorded("safety_plan.printed").rows
