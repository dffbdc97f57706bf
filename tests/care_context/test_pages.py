"""The pages of the care context: what is read, changed part by part, kept and compared."""

import re
import uuid
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from apps.care_context.models import CareContext
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from tests.care_context.charts import Chart, colleague_of
from tests.care_context.test_update import WHOLE
from tests.counting import statements
from tests.people import VendorWorld
from tests.portal.people import portal

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reply

PAGES = (
    "care-context/",
    "care-context/edit/topics/",
    "care-context/versions/",
    "care-context/versions/1/",
    "care-context/compare/",
    "safety-plan/",
    "safety-plan/print/",
)
HOSTILE = "</textarea><script>alert(1)</script>"


@pytest.fixture
def chart(vendor: VendorWorld) -> Chart:
    return Chart(vendor)


def test_an_empty_care_context_says_what_to_do_next(chart: Chart) -> None:
    page = chart.page(chart.context)
    assert "Nothing is written yet." in page
    for part in ("approach", "treatment_goals", "topics", "companion", "safety_plan"):
        assert f'href="{chart.form(part)}"' in page
    assert "Write one with Ada" in chart.page(chart.plan)


def test_the_chart_leads_to_the_care_context_and_the_plan(chart: Chart) -> None:
    page = chart.page(chart.root)
    for path in (chart.context, chart.plan, chart.plan_form):
        assert f'href="{path}"' in page


def test_what_the_api_wrote_is_read_in_words_with_who_wrote_it(chart: Chart) -> None:
    chart.put()
    page = chart.page(chart.context)
    for words in ("Dialectical behaviour therapy (DBT)", "Fortnightly", "Warm", "the accident", "Keep it short."):
        assert words in page
    assert "Sleep through: active, by 1 September 2026" in page
    assert "the key “test”, over the API" in page


@pytest.mark.parametrize(
    ("part", "sent", "expected"),
    [
        ("approach", {"modality": "act", "session_frequency": "", "communication_style": "direct"},
         {"modality": "act", "session_frequency": None, "communication_style": "direct"}),
        ("topics", {"focus_areas": ["sleep", "", " work "], "topics_to_avoid": ["", ""]},
         {"focus_areas": ["sleep", "work"], "topics_to_avoid": []}),
        ("companion", {"companion_instructions": "Ask first.\r\nThen listen."},
         {"companion_enabled": False, "companion_instructions": "Ask first.\nThen listen."}),
        ("treatment_goals",
         {"goal_text": ["Choir", ""], "goal_status": ["met", "active"], "goal_date": ["2031-02-03", ""]},
         {"treatment_goals": [{"text": "Choir", "status": "met", "target_date": "2031-02-03"}]}),
        ("safety_plan", {"helpers": ["my sister"]},
         {"safety_plan": {part: ["my sister"] if part == "helpers" else [] for part in WHOLE["safety_plan"]}}),
    ],
)  # fmt: skip
def test_each_part_is_changed_alone(chart: Chart, part: str, sent: dict[str, Any], expected: dict[str, Any]) -> None:
    chart.put()
    assert chart.send(part, 1, **sent).status_code == 302
    said = chart.said()
    assert said["version"] == 2
    assert said["updated_by"]["name"] == "Dr Sam Okafor"
    assert {field: said[field] for field in WHOLE} == {**WHOLE, **expected}


def test_the_form_holds_what_is_there_and_spare_lines(chart: Chart) -> None:
    chart.put()
    page = chart.page(chart.plan_form)
    assert "something for helpers</textarea>" in page
    assert page.count('name="helpers"') == 3
    legends = re.findall(r"<legend>([^<]*)</legend>", page)
    assert [legend[:2] for legend in legends] == ["1.", "2.", "3.", "4.", "5.", "6.", "Re"]


def test_a_line_is_added_and_taken_away_without_script_and_nothing_is_saved(chart: Chart) -> None:
    typed = {"version": 0, "helpers": ["sister", "neighbour"], "warning_signs": ["pacing"], "reviewed_on": "soon"}
    more = chart.client.post(chart.plan_form, {**typed, "do": "add:helpers"}).content.decode()
    assert more.count('name="helpers"') == 3
    less = chart.client.post(chart.plan_form, {**typed, "do": "remove:helpers:0"}).content.decode()
    for page in (more, less):
        assert "neighbour</textarea>" in page
        assert "pacing</textarea>" in page
        assert 'value="soon"' in page
        assert "Not saved yet" not in page
    assert "sister</textarea>" not in less
    assert chart.said()["version"] == 0


def test_a_goal_is_taken_away_with_its_state_and_date(chart: Chart) -> None:
    goals = {"goal_text": ["a", "b"], "goal_status": ["met", "dropped"], "goal_date": ["2030-01-01", "2031-01-01"]}
    sent = {"version": 0, **goals, "do": "remove:treatment_goals:0"}
    page = chart.client.post(chart.form("treatment_goals"), sent).content.decode()
    assert page.count('name="goal_text"') == 1
    assert 'value="2031-01-01"' in page
    assert '<option value="dropped" selected>' in page


@pytest.mark.parametrize("wish", ["remove:helpers:9", "remove:helpers:x", "remove::", "add:nothing", "dance"])
def test_a_wish_that_makes_no_sense_changes_nothing(chart: Chart, wish: str) -> None:
    reply = chart.client.post(chart.plan_form, {"version": 0, "helpers": ["sister"], "do": wish})
    assert reply.status_code == 200
    assert "sister</textarea>" in reply.content.decode()


def test_sending_a_form_twice_makes_one_version(chart: Chart) -> None:
    for _ in range(2):
        assert chart.send("safety_plan", 0, helpers=["sister"]).headers["Location"] == chart.plan
    assert chart.said()["version"] == 1


def test_what_someone_else_saved_meanwhile_stands_beside_what_was_typed(chart: Chart) -> None:
    chart.put()
    chart.put(1, topics_to_avoid=["the accident", "theirs to keep"])
    late = chart.send("topics", 1, focus_areas=["sleep"], topics_to_avoid=["the accident", "mine to keep"])
    assert late.status_code == 409
    page = late.content.decode()
    assert '<ins><span class="visually-hidden">Added: </span>theirs to keep</ins>' in page
    assert "mine to keep</textarea>" in page
    assert "the key “test”, over the API" in page
    assert 'name="version" value="2"' in page
    assert chart.said()["topics_to_avoid"] == ["the accident", "theirs to keep"]
    both = ["the accident", "theirs to keep", "mine to keep"]
    assert chart.send("topics", 2, focus_areas=["sleep"], topics_to_avoid=both).status_code == 302
    assert chart.said()["topics_to_avoid"] == both


def test_a_change_of_another_part_meanwhile_is_told_and_kept(chart: Chart) -> None:
    chart.put()
    chart.put(1, modality="act")
    late = chart.send("topics", 1, focus_areas=["sleep"], topics_to_avoid=["mine"])
    assert late.status_code == 409
    assert "This part says what it said when you began" in late.content.decode()
    assert chart.send("topics", 2, focus_areas=["sleep"], topics_to_avoid=["mine"]).status_code == 302
    assert (chart.said()["modality"], chart.said()["topics_to_avoid"]) == ("act", ["mine"])


@pytest.mark.parametrize(
    ("part", "sent", "told"),
    [
        ("safety_plan", {"helpers": ["sister", "x" * 2001]}, "Line 2 has 2001 characters; at most 2000 fit."),
        ("safety_plan", {"helpers": ["sister"] * 101}, "These are 101 lines; at most 100 can be kept."),
        ("safety_plan", {"helpers": ["a\x00"]}, "Line 1 holds a character that cannot be kept (NUL)."),
        ("safety_plan", {"helpers": ["a"], "reviewed_on": "2999-01-01"}, "A review cannot lie in the future"),
        ("safety_plan", {"reviewed_on": "2020-01-01"}, "An empty plan cannot have been reviewed"),
        ("topics", {"focus_areas": ["x" * 201]}, "Line 1 has 201 characters; at most 200 fit."),
        ("approach", {"modality": "astrology"}, "Select a valid choice."),
        ("treatment_goals", {"goal_text": ["a"], "goal_status": ["won"], "goal_date": [""]}, "choose a state"),
        ("treatment_goals", {"goal_text": [""], "goal_status": ["met"], "goal_date": ["2030-01-01"]}, "no goal"),
        ("treatment_goals", {"goal_text": ["a"], "goal_status": ["met"], "goal_date": ["0001-01-01"]}, "the year"),
    ],
)  # fmt: skip
def test_a_fault_is_named_and_nothing_is_saved(chart: Chart, part: str, sent: dict[str, Any], told: str) -> None:
    reply = chart.send(part, 0, **sent)
    assert reply.status_code == 422
    assert told in reply.content.decode()
    assert "your text is still here" in reply.content.decode()
    assert chart.said()["version"] == 0


@pytest.mark.parametrize("version", ["", "x", "-1", str(2**40)])
def test_a_form_without_its_version_is_not_saved_and_keeps_the_text(chart: Chart, version: str) -> None:
    reply = chart.client.post(chart.plan_form, {"version": version, "helpers": ["sister"]})
    assert reply.status_code == 422
    assert "sister</textarea>" in reply.content.decode()


def test_a_page_that_was_open_for_too_long_is_not_replaced_by_the_refusal(chart: Chart) -> None:
    chart.client.handler.enforce_csrf_checks = True
    sent = {"version": 0, "helpers": ["sister"], "csrfmiddlewaretoken": "stale"}
    plain = chart.client.post(chart.plan_form, sent)
    by_htmx = chart.client.post(chart.plan_form, sent, headers={"HX-Request": "true"})
    assert plain.status_code == by_htmx.status_code == 403
    assert (by_htmx.headers["HX-Retarget"], by_htmx.headers["HX-Reselect"]) == ("#notices", ".notice")
    assert "<html" in plain.content.decode()
    assert "<html" not in by_htmx.content.decode()


def test_a_part_that_there_is_not_is_not_there(chart: Chart) -> None:
    assert chart.client.get(chart.form("horoscope")).status_code == 404


def test_html_is_text_wherever_it_is_shown(chart: Chart) -> None:
    chart.put(safety_plan={"helpers": [HOSTILE]}, topics_to_avoid=[HOSTILE])
    chart.put(1, safety_plan={"helpers": [HOSTILE, "sister"]}, topics_to_avoid=[f"{HOSTILE} and more"])
    paths = [chart.context, chart.plan, chart.plan_form, f"{chart.context}versions/2/", f"{chart.plan}print/"]
    for path in [*paths, f"{chart.context}compare/"]:
        page = chart.page(path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_any_script_comes_back_as_typed(chart: Chart) -> None:
    text = "שלום, العربية\n👩🏽‍⚕️ e\u0301"
    chart.send("safety_plan", 0, helpers=[text.replace("\n", "\r\n")])
    assert chart.said()["safety_plan"]["helpers"] == [text]
    assert text in chart.page(chart.plan)


def test_whoever_does_not_see_the_member_finds_nothing(chart: Chart, other_vendor: VendorWorld) -> None:
    chart.put()
    foreign = other_vendor.member().person_id
    colleague, cover = colleague_of(chart.vendor), colleague_of(chart.vendor, covering=True)
    admin = portal(chart.vendor, chart.vendor.admin)
    for suffix in PAGES:
        own = chart.root + suffix
        assert chart.status(own) == cover.get(own).status_code == 200
        assert chart.status(f"/portal/members/{foreign}/{suffix}") == 404
        assert chart.status(f"/portal/members/{uuid.uuid4()}/{suffix}") == 404
        assert (colleague.get(own).status_code, admin.get(own).status_code) == (404, 403)


def test_whoever_does_not_see_the_member_changes_nothing(chart: Chart) -> None:
    chart.put()
    for client, status in ((colleague_of(chart.vendor), 404), (portal(chart.vendor, chart.vendor.admin), 403)):
        sent = {"version": 1, "plan_version": 1, "helpers": ["x"], "reviewed_on": "2026-01-01"}
        assert client.post(chart.plan_form, sent).status_code == status
        assert client.post(f"{chart.plan}review/", sent).status_code == status
    assert chart.said()["version"] == 1


def test_versions_say_who_made_them_when_and_what_they_changed(chart: Chart) -> None:
    chart.put()
    chart.send("topics", 1, focus_areas=["work"])
    chart.send("safety_plan", 2, helpers=["sister"])
    page = chart.page(f"{chart.context}versions/")
    rows = re.findall(r">Version (\d)</a>: <span>(.*?)</span>.*?</time> by (.*?)</span>", page, re.S)
    assert rows[:2] == [
        ("3", "Safety plan", "Dr Sam Okafor"),
        ("2", "Focus areas, topics to avoid", "Dr Sam Okafor"),
    ]
    assert rows[2][2] == "the key “test”, over the API"
    plans = chart.page(f"{chart.context}versions/?only=safety_plan")
    assert re.findall(r">Version (\d)</a>", plans) == ["3", "1"]


def test_a_version_is_read_as_it_was(chart: Chart) -> None:
    chart.put()
    chart.send("safety_plan", 1, helpers=["sister"])
    then = chart.page(f"{chart.context}versions/1/?only=safety_plan")
    assert "something for helpers" in then
    assert "sister" not in then
    for number in (0, 3, 2**40):
        assert chart.client.get(f"{chart.context}versions/{number}/").status_code == 404


def test_two_versions_are_compared_in_words_and_marks(chart: Chart) -> None:
    chart.put()
    chart.send("safety_plan", 1, helpers=["something for our helpers", "sister"])
    page = chart.page(f"{chart.context}compare/?older=1&newer=2")
    assert "Safety plan: 4. People whom I can ask for help" in page
    assert 'something for <ins><span class="visually-hidden">added: </span>our </ins>helpers' in page
    assert '<ins><span class="visually-hidden">Added: </span>sister</ins>' in page
    assert '<del><span class="visually-hidden">Removed: </span>something for warning_signs</del>' in page
    assert "Focus areas" not in page
    for query in ("", "?older=2&newer=1", "?older=x"):
        assert "From version 1 to version 2" in chart.page(f"{chart.context}compare/{query}")


def test_the_first_version_is_compared_with_nothing_and_equal_ones_say_so(chart: Chart) -> None:
    assert "nothing to compare" in chart.page(f"{chart.context}compare/")
    chart.put()
    assert "Keep it short.</ins>" in chart.page(f"{chart.context}compare/?older=0&newer=1")
    assert "These two say the same" in chart.page(f"{chart.context}compare/?older=1&newer=1")
    assert chart.client.get(f"{chart.context}compare/?older=1&newer=7").status_code == 404


def test_reading_is_recorded_with_the_rows_that_were_read(chart: Chart) -> None:
    chart.page(chart.context)
    assert chart.recorded("care_context.read").rows == []
    chart.put()
    chart.page(chart.context)
    with acting_as(system_actor(chart.vendor.tenant.id)):
        context = CareContext.objects.get(member_id=chart.member_id)
    assert chart.recorded("care_context.read").rows == [context.id]
    chart.page(f"{chart.context}compare/")
    assert len(chart.recorded("care_context.compared").rows) == 1


def test_pages_stay_in_the_budget(chart: Chart) -> None:
    for version in range(30):
        chart.put(version, focus_areas=[f"focus {version}"])
    paths = [chart.context, chart.plan_form, f"{chart.context}versions/", f"{chart.context}versions/3/"]
    for path in [*paths, f"{chart.context}compare/?older=3&newer=20", chart.plan, f"{chart.plan}print/"]:
        sent = statements(partial(chart.status, path), 200)
        assert len(sent) <= 12, (path, sent)
    # The second time the version is stale.
    for status in (302, 409):
        reply = partial(chart.send, "topics", 30, focus_areas=[f"focus {status}"])
        sent = statements(partial(status_of, reply), status)
        assert len(sent) <= 12, sent


def status_of(send: Callable[[], "Reply"]) -> int:
    return send().status_code
