"""What a score must be, for every sheet that can be filled in and for the published examples."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.assessments.instruments import INSTRUMENTS, Instrument, instrument
from apps.assessments.scoring import UnscorableAnswers, change, score, why_not_score

PHQ9 = instrument("phq9")
PSS10 = instrument("pss10")
DASS21 = instrument("dass21")
CSSRS = instrument("cssrs_screen")

instruments = st.sampled_from(sorted(INSTRUMENTS)).map(instrument)


def answers_to(scale: Instrument) -> st.SearchStrategy[list[int]]:
    return st.tuples(*(st.integers(item.minimum, item.maximum) for item in scale.items)).map(list)


sheets = instruments.flatmap(lambda scale: st.tuples(st.just(scale), answers_to(scale)))


@given(sheets)
def test_every_complete_sheet_gets_a_score_within_bounds_and_a_severity(
    sheet: tuple[Instrument, list[int]],
) -> None:
    scale, answers = sheet
    found = score(scale, answers)
    assert why_not_score(scale, answers) == {}
    assert scale.min_score <= found.score <= found.max_score == scale.max_score
    bands = scale.bands or scale.subscales[0].bands
    assert found.severity in {band.severity for band in bands}


@given(sheets)
def test_subscales_stay_within_their_own_bounds(sheet: tuple[Instrument, list[int]]) -> None:
    scale, answers = sheet
    found = score(scale, answers)
    assert list(found.subscales) == [subscale.name for subscale in scale.subscales]
    for subscale in scale.subscales:
        part = found.subscales[subscale.name]
        assert 0 <= part.score <= subscale.max_score
        assert (part.severity is None) == (subscale.bands == ())


@given(sheets, st.data())
def test_a_higher_answer_never_lowers_the_score_unless_the_item_is_reversed(
    sheet: tuple[Instrument, list[int]], data: st.DataObject
) -> None:
    scale, answers = sheet
    item = data.draw(st.sampled_from(scale.items))
    raised = list(answers)
    raised[item.number - 1] = data.draw(st.integers(answers[item.number - 1], item.maximum))
    before, after = score(scale, answers).score, score(scale, raised).score
    assert after <= before if item.reversed else after >= before


@given(sheets)
def test_subscales_that_share_out_all_items_add_up_to_the_total(sheet: tuple[Instrument, list[int]]) -> None:
    scale, answers = sheet
    found = score(scale, answers)
    if scale.subscales:
        assert sum(part.score for part in found.subscales.values()) == found.score


@given(sheets, st.data())
def test_a_missing_answer_never_gets_a_total(sheet: tuple[Instrument, list[int]], data: st.DataObject) -> None:
    scale, answers = sheet
    fewer = answers[: data.draw(st.integers(0, len(answers) - 1))]
    assert list(why_not_score(scale, fewer)) == ["answers"]
    with pytest.raises(UnscorableAnswers):
        score(scale, fewer)


@given(sheets, st.lists(st.integers(), min_size=1, max_size=3))
def test_an_extra_answer_never_gets_a_total(sheet: tuple[Instrument, list[int]], extra: list[int]) -> None:
    scale, answers = sheet
    with pytest.raises(UnscorableAnswers, match=f"needs {len(answers)} answers.*{len(answers) + len(extra)} given"):
        score(scale, answers + extra)


not_whole_numbers = st.one_of(
    st.none(), st.booleans(), st.floats(), st.text(max_size=3), st.just([1]), st.just({}), st.decimals()
)


@given(sheets, st.data())
def test_an_answer_that_is_no_whole_number_in_range_is_named(
    sheet: tuple[Instrument, list[int]], data: st.DataObject
) -> None:
    scale, answers = sheet
    item = data.draw(st.sampled_from(scale.items))
    outside = st.one_of(st.integers(max_value=item.minimum - 1), st.integers(min_value=item.maximum + 1))
    spoilt: list[Any] = list(answers)
    spoilt[item.number - 1] = data.draw(st.one_of(outside, not_whole_numbers))
    assert why_not_score(scale, spoilt) == {
        f"answers.{item.number - 1}": [
            f"Item {item.number} must be a whole number from {item.minimum} to {item.maximum}."
        ]
    }
    with pytest.raises(UnscorableAnswers):
        score(scale, spoilt)


@given(st.one_of(st.none(), st.text(), st.integers(), st.dictionaries(st.integers(), st.integers()), st.binary()))
def test_answers_that_are_no_list_are_refused_as_a_whole(answers: object) -> None:
    assert list(why_not_score(PHQ9, answers)) == ["answers"]


def test_every_wrong_item_is_named_at_once() -> None:
    assert list(why_not_score(PHQ9, [4, 0, 0, 0, -1, 0, 0, 0, 3])) == ["answers.0", "answers.4"]


def test_a_refusal_never_repeats_the_answers() -> None:
    with pytest.raises(UnscorableAnswers) as refused:
        score(PHQ9, [77, 0, 0, 0, 0, 0, 0, 0, 0])
    assert "77" not in str(refused.value)
    assert refused.value.fields == {"answers.0": ["Item 1 must be a whole number from 0 to 3."]}


@pytest.mark.parametrize(
    ("code", "answers", "total", "severity"),
    [
        ("phq9", [1, 2, 1, 3, 0, 1, 2, 1, 0], 11, "moderate"),
        ("phq9", [0] * 9, 0, "minimal"),
        ("phq9", [3] * 9, 27, "severe"),
        ("phq9", [3, 3, 3, 3, 3, 0, 0, 0, 0], 15, "moderately_severe"),
        ("phq2", [1, 1], 2, "negative"),
        ("phq2", [2, 1], 3, "positive"),
        ("gad7", [2, 2, 2, 1, 1, 1, 1], 10, "moderate"),
        ("gad7", [3, 3, 3, 3, 3, 0, 0], 15, "severe"),
        ("gad2", [0, 3], 3, "positive"),
        ("pss10", [0] * 10, 16, "moderate"),
        ("pss10", [4, 4, 4, 0, 0, 4, 0, 0, 4, 4], 40, "high"),
        ("pss10", [0, 0, 0, 4, 4, 0, 4, 4, 0, 0], 0, "low"),
        ("who5", [5, 5, 5, 5, 5], 100, "good"),
        ("who5", [1, 1, 1, 2, 2], 28, "depression_likely"),
        ("who5", [2, 2, 2, 3, 3], 48, "low"),
        ("who5", [3, 3, 3, 2, 2], 52, "good"),
        ("pcl5", [2] * 16 + [0] * 4, 32, "below_threshold"),
        ("pcl5", [2] * 16 + [1, 0, 0, 0], 33, "probable_ptsd"),
        ("audit_c", [4, 4, 4], 12, "severe"),
        ("audit_c", [2, 1, 0], 3, "moderate"),
        ("audit_c", [2, 2, 2], 6, "high"),
    ],
)
def test_known_sheets_score_as_published(code: str, answers: list[int], total: int, severity: str) -> None:
    found = score(instrument(code), answers)
    assert (found.score, found.severity) == (total, severity)


@given(answers_to(PSS10))
def test_pss10_reverses_items_4_5_7_and_8_alone(answers: list[int]) -> None:
    expected = sum(4 - answer if number in (4, 5, 7, 8) else answer for number, answer in enumerate(answers, 1))
    assert score(PSS10, answers).score == expected


@given(answers_to(DASS21))
def test_dass21_doubles_its_sums_and_takes_the_worst_subscale(answers: list[int]) -> None:
    order = ["normal", "mild", "moderate", "severe", "extremely_severe"]
    found = score(DASS21, answers)
    assert found.score == 2 * sum(answers)
    assert order.index(found.severity) == max(order.index(str(part.severity)) for part in found.subscales.values())


@pytest.mark.parametrize(
    ("subscale", "raw", "severity"),
    [
        ("depression", 4, "normal"),
        ("depression", 5, "mild"),
        ("depression", 7, "moderate"),
        ("depression", 11, "severe"),
        ("depression", 14, "extremely_severe"),
        ("anxiety", 3, "normal"),
        ("anxiety", 4, "mild"),
        ("anxiety", 5, "moderate"),
        ("anxiety", 8, "severe"),
        ("anxiety", 10, "extremely_severe"),
        ("stress", 7, "normal"),
        ("stress", 8, "mild"),
        ("stress", 10, "moderate"),
        ("stress", 13, "severe"),
        ("stress", 17, "extremely_severe"),
    ],
)
def test_dass21_cut_offs_are_the_manuals(subscale: str, raw: int, severity: str) -> None:
    answers = [0] * 21
    items = next(part.items for part in DASS21.subscales if part.name == subscale)
    for number in items:
        answers[number - 1] = min(3, raw)
        raw -= answers[number - 1]
    found = score(DASS21, answers)
    assert found.subscales[subscale].severity == found.severity == severity


def test_pcl5_scores_its_clusters_without_severities() -> None:
    found = score(instrument("pcl5"), [1] * 5 + [2] * 2 + [3] * 7 + [4] * 6)
    assert msgspec.to_builtins(found.subscales) == {
        "intrusion": {"score": 5, "severity": None},
        "avoidance": {"score": 4, "severity": None},
        "cognition_and_mood": {"score": 21, "severity": None},
        "arousal_and_reactivity": {"score": 24, "severity": None},
    }


@given(answers_to(PHQ9))
def test_phq9_opens_a_crisis_exactly_when_item_9_is_not_zero(answers: list[int]) -> None:
    found = score(PHQ9, answers)
    severity = {0: None, 1: "moderate", 2: "high", 3: "high"}[answers[8]]
    flags = [{"item": 9, "code": "suicide_ideation", "value": answers[8]}] if severity else []
    assert msgspec.to_builtins(list(found.item_flags)) == flags
    opened = {"category": "suicide_ideation", "severity": severity, "item": 9} if severity else None
    assert msgspec.to_builtins(found.crisis) == opened


@given(answers_to(CSSRS))
def test_cssrs_is_scored_and_flagged_by_the_highest_item_answered_yes(answers: list[int]) -> None:
    highest = max((number for number, answer in enumerate(answers, 1) if answer), default=0)
    found = score(CSSRS, answers)
    assert (found.score, found.severity) == (
        highest,
        ["none", "low", "low", "moderate", "high", "high", "high"][highest],
    )
    assert [flag.item for flag in found.item_flags] == [number for number, answer in enumerate(answers, 1) if answer]
    if found.crisis is None:
        assert highest == 0
    else:
        expected = [None, "low", "low", "moderate", "high", "critical", "critical"][highest]
        assert (found.crisis.category, found.crisis.severity, found.crisis.item) == (
            "suicide_ideation",
            expected,
            highest,
        )


@given(sheets)
def test_only_phq9_and_the_cssrs_screen_open_a_crisis(sheet: tuple[Instrument, list[int]]) -> None:
    scale, answers = sheet
    if scale.code not in {"phq9", "cssrs_screen"}:
        assert (score(scale, answers).crisis, score(scale, answers).item_flags) == (None, ())


@pytest.mark.parametrize(
    ("code", "previous", "current", "expected"),
    [
        ("phq9", None, 11, (None, None)),
        ("phq9", 17, 11, (-6, True)),
        ("phq9", 16, 11, (-5, False)),
        ("phq9", 5, 11, (6, True)),
        ("gad7", 10, 14, (4, True)),
        ("gad7", 10, 7, (-3, False)),
        ("gad7", 10, 10, (0, False)),
        ("who5", 20, 80, (60, None)),
    ],
)
def test_change_is_signed_and_reliable_from_the_published_value(
    code: str, previous: int | None, current: int, expected: tuple[int | None, bool | None]
) -> None:
    assert change(instrument(code), previous, current) == expected
