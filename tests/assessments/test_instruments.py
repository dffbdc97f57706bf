"""The definitions that ship, and what the loader refuses."""

from pathlib import Path

import pytest

from apps.assessments.instruments import (
    DEFINITIONS,
    EDITIONS,
    INSTRUMENTS,
    Band,
    DefinitionError,
    Instrument,
    UnknownInstrument,
    instrument,
    read_definition,
    read_definitions,
    severity_in,
)

PHQ2 = (DEFINITIONS / "phq2-1.toml").read_text("utf-8")
every_instrument = pytest.mark.parametrize("scale", INSTRUMENTS.values(), ids=lambda scale: scale.code)


def test_the_contracts_instruments_are_all_here() -> None:
    expected = ["audit_c", "cssrs_screen", "dass21", "gad2", "gad7", "pcl5", "phq2", "phq9", "pss10", "who5"]
    assert sorted(INSTRUMENTS) == expected


@every_instrument
def test_bands_hold_every_score_exactly_once(scale: Instrument) -> None:
    scales: list[tuple[tuple[Band, ...], int]] = [(part.bands, part.max_score) for part in scale.subscales]
    scales.append((scale.bands, scale.max_score))
    for bands, highest in scales:
        for score in range(highest + 1) if bands else ():
            assert len([band for band in bands if band.low <= score <= band.high]) == 1


@every_instrument
def test_each_says_where_it_comes_from_and_how_it_may_be_used(scale: Instrument) -> None:
    prose = (scale.licence, scale.source, scale.bands_source, scale.recall_period, scale.instructions)
    assert all((*prose, *(item.text for item in scale.items)))


@pytest.mark.parametrize("code", ["pss10", "who5", "dass21", "cssrs_screen"])
def test_texts_that_may_not_be_reproduced_are_descriptions_and_say_so(code: str) -> None:
    assert instrument(code).wording == "paraphrase"
    assert "short descriptions" in instrument(code).licence


def _check_digit(code: str) -> int:
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(code))]
    return -sum(value // 10 + value % 10 for value in doubled) % 10


@every_instrument
def test_loinc_codes_carry_a_true_check_digit(scale: Instrument) -> None:
    for code in (scale.loinc_panel, scale.loinc_total, *(item.loinc for item in scale.items)):
        if code is not None:
            number, digit = code.split("-")
            assert _check_digit(number) == int(digit), code


def test_reliable_change_is_six_for_phq9_four_for_gad7_and_reasoned_where_absent() -> None:
    values = {scale.code: scale.reliable_change.points for scale in INSTRUMENTS.values() if scale.reliable_change}
    assert values == {"phq9": 6, "gad7": 4}
    assert all(scale.no_reliable_change_because for scale in INSTRUMENTS.values() if not scale.reliable_change)


def test_a_short_form_is_a_part_of_its_long_form() -> None:
    assert instrument("phq2").items == instrument("phq9").items[:2]
    assert instrument("gad2").items == instrument("gad7").items[:2]


def test_higher_is_worse_everywhere_but_in_well_being() -> None:
    assert [scale.code for scale in INSTRUMENTS.values() if scale.direction == "higher_is_better"] == ["who5"]


def test_an_unknown_code_or_version_is_refused_with_the_codes_there_are() -> None:
    with pytest.raises(UnknownInstrument, match=r"There are: .*phq9"):
        instrument("phq8")
    with pytest.raises(UnknownInstrument, match="code and version"):
        instrument("phq9", "99")
    assert instrument("phq9", "1") is EDITIONS["phq9", "1"]


def test_a_scale_without_bands_has_no_severity() -> None:
    assert severity_in((), 3) is None


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("low = 3", "low = 4", "band positive of the whole must start at 3"),
        ("high = 6", "high = 5", "end at 5, the scale at 6"),
        ('"positive"', '"negative"', "repeat a severity"),
        ("max_score = 6", "max_score = 7", "max_score is 7, the items reach 6"),
        ("number = 2", "number = 3", "numbered 1, 2, 3"),
        ("value = 2", "value = 5", "rise by one"),
        ('version = "1"', 'version = "2"', "must be called phq2-2"),
        ("no_reliable_change_because", "instructions_again", "unknown field"),
        ('severity = "positive"', 'severity = "positive", colour = "red"', "unknown field"),
        ("max_score = 6", "max_score = 6\nmultiplier = 0", "max_score is 6"),
        ("max_score = 6", 'max_score = 6\nscoring = "median"', "Invalid enum value"),
        (
            "max_score = 6",
            'max_score = 6\nseverity_from = "worst_subscale"',
            "worst_subscale needs subscales",
        ),
        ("max_score = 6", 'max_score = 6\nscoring = "highest_item"', "the items reach 2"),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused_by_name(old: str, new: str, reason: str) -> None:
    assert old in PHQ2
    with pytest.raises(DefinitionError, match="phq2-1: ") as refused:
        read_definition(PHQ2.replace(old, new, 1), name="phq2-1")
    assert reason in str(refused.value)


RULE = '[[flag_rules]]\nitem = {}\ncode = "x"\ncategory = "self_harm"\nlevels = [{}]\n'
LEVEL = '{{ at_least = {}, severity = "{}" }}'


@pytest.mark.parametrize(
    ("item", "levels", "reason"),
    [
        (3, LEVEL.format(1, "low"), "names item 3, which does not exist"),
        (1, LEVEL.format(0, "low"), "must rise, above 0"),
        (1, LEVEL.format(4, "low"), "up to 3"),
        (1, f"{LEVEL.format(1, 'high')}, {LEVEL.format(2, 'low')}", "must rise"),
        (1, "", "must rise"),
        (1, LEVEL.format(1, "dire"), "Invalid enum value"),
    ],
)
def test_a_flag_rule_that_cannot_hold_is_refused(item: int, levels: str, reason: str) -> None:
    with pytest.raises(DefinitionError, match=reason):
        read_definition(f"{PHQ2}\n{RULE.format(item, levels)}", name="phq2-1")


@pytest.mark.parametrize(
    ("items", "max_score", "reason"),
    [
        ([1, 1], 6, "each once"),
        ([0], 3, "exist"),
        ([], 0, "exist"),
        ([2], 4, "max_score of x is 4, its items reach 3"),
    ],
)
def test_a_subscale_that_does_not_fit_its_items_is_refused(items: list[int], max_score: int, reason: str) -> None:
    part = f'[[subscales]]\nname = "x"\nlabel = "X"\nitems = {items}\nmax_score = {max_score}\n'
    with pytest.raises(DefinitionError, match=reason):
        read_definition(f"{PHQ2}\n{part}", name="phq2-1")


def test_an_empty_folder_of_definitions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="is the installation complete"):
        read_definitions(tmp_path)
