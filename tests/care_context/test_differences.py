"""Differences tell both versions whole, mark what differs and nothing else, and never take long."""

from hypothesis import given
from hypothesis import strategies as st

from apps.care_context.differences import MOST_PAIRS, Effort, Line, between, of_lines, of_words
from apps.care_context.models import empty_content

WORDS = st.lists(st.sampled_from(["call", "my", "sister", "brother", ",", " ", "\n", "é"])).map("".join)
LINES = st.lists(WORDS, max_size=8)


def told(lines: list[Line], kind: str) -> list[str]:
    """One side of the differences: the lines of it, without what is of the other side alone."""
    other = "removed" if kind == "added" else "added"
    kept = [line for line in lines if line.kind != other]
    return ["".join(run.text for run in line.runs if run.kind != other) for line in kept]


@given(LINES, LINES)
def test_both_sides_are_told_whole(before: list[str], after: list[str]) -> None:
    lines = list(of_lines(before, after, Effort()))
    assert told(lines, "removed") == before
    assert told(lines, "added") == after


@given(LINES)
def test_what_is_the_same_is_not_marked(lines: list[str]) -> None:
    assert [line.kind for line in of_lines(lines, lines, Effort())] == ["same"] * len(lines)


def test_a_reworded_line_is_marked_word_by_word() -> None:
    (line,) = of_lines(["call my sister at home"], ["call my brother at home"], Effort())
    assert line.kind == "reworded"
    assert [(run.kind, run.text) for run in line.runs if run.kind != "same"] == [
        ("removed", "sister"),
        ("added", "brother"),
    ]


def test_two_different_lines_are_not_taken_for_one_that_was_reworded() -> None:
    assert [line.kind for line in of_lines(["swim in the lake"], ["ring Ada"], Effort())] == ["removed", "added"]


def test_what_would_take_long_is_shown_as_replaced_in_whole() -> None:
    long = "a b " * MOST_PAIRS
    runs = of_words(long, f"{long}c", Effort())
    assert [(run.kind, run.text) for run in runs] == [("removed", long), ("added", f"{long}c")]
    assert [run.kind for run in of_words("a b", "a c", Effort(left=3))] == ["removed", "added"]


def test_a_part_is_compared_alone() -> None:
    before, after = empty_content(), empty_content()
    after["focus_areas"], after["companion_enabled"] = ["sleep"], True
    assert [each.title for each in between(before, after)] == ["Topics: Focus areas", "Companion"]
    assert [each.title for each in between(before, after, "topics")] == ["Topics: Focus areas"]
    assert between(before, before) == []
