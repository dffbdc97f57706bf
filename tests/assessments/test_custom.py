"""Scores computed elsewhere: what is taken and what is refused, by field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.assessments.custom import LARGEST, CustomScore, read_custom, why_not_custom

GOOD: dict[str, Any] = {"name": "CORE-10", "score": 14, "min_score": 0, "max_score": 40, "severity": "mild"}


def test_a_score_within_its_range_is_taken_as_it_is() -> None:
    assert why_not_custom(GOOD) == {}
    assert read_custom(GOOD) == CustomScore("CORE-10", 14, 0, 40, "mild")


@pytest.mark.parametrize("score", [0, 40, 13.5])
def test_the_ends_of_the_range_and_fractions_are_allowed(score: float) -> None:
    assert read_custom({**GOOD, "score": score}).score == score


@pytest.mark.parametrize("field", sorted(GOOD))
def test_every_field_is_required(field: str) -> None:
    without = {key: value for key, value in GOOD.items() if key != field}
    assert why_not_custom(without) == {f"custom.{field}": ["This field is required."]}


@pytest.mark.parametrize("field", ["score", "min_score", "max_score"])
@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), float("-inf"), 10**400, -(10**400), LARGEST + 1, True, "14", None, [14]],
)
def test_what_is_no_finite_number_is_refused_on_its_field(field: str, value: object) -> None:
    assert list(why_not_custom({**GOOD, field: value})) == [f"custom.{field}"]


@pytest.mark.parametrize("field", ["name", "severity"])
@pytest.mark.parametrize("value", ["", "  ", "x" * 201, "nul\x00", "\ud800", 7, None, ["mild"]])
def test_what_is_no_plain_text_is_refused_on_its_field(field: str, value: object) -> None:
    assert list(why_not_custom({**GOOD, field: value})) == [f"custom.{field}"]


@pytest.mark.parametrize(("low", "high"), [(40, 40), (41, 40)])
def test_a_range_must_rise(low: int, high: int) -> None:
    assert why_not_custom({**GOOD, "min_score": low, "max_score": high}) == {
        "custom.max_score": ["Must be greater than min_score."]
    }


@pytest.mark.parametrize("score", [-1, 40.001])
def test_a_score_outside_its_range_is_refused(score: float) -> None:
    assert why_not_custom({**GOOD, "score": score}) == {"custom.score": ["Must lie between min_score and max_score."]}


def test_an_unknown_field_is_named() -> None:
    assert why_not_custom({**GOOD, "colour": "red"}) == {"custom.colour": ["This field is not known here."]}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(json_values | st.fixed_dictionaries(dict.fromkeys(GOOD, json_values)))
def test_anything_at_all_is_either_read_or_refused_with_reasons(custom: Any) -> None:
    faults = why_not_custom(custom)
    if faults:
        assert all(field.startswith("custom") and reasons for field, reasons in faults.items())
    else:
        found = read_custom(custom)
        assert found.min_score <= found.score <= found.max_score


def test_reading_a_refused_score_raises_with_the_field() -> None:
    with pytest.raises(ValueError, match=r"custom\.score: Must lie between"):
        read_custom({**GOOD, "score": 41})
