"""Scores of instruments that are not defined here: the sender scores, we check the figures fit."""

import math
from collections.abc import Mapping

import msgspec

NAME_LENGTH = 200
SEVERITY_LENGTH = 50
# Wide for any questionnaire, and exact both as a double and in the database's numeric columns.
LARGEST = 1_000_000

_TEXTS = {"name": NAME_LENGTH, "severity": SEVERITY_LENGTH}
_NUMBERS = ("score", "min_score", "max_score")


class CustomScore(msgspec.Struct, frozen=True):
    """A score from elsewhere: finite numbers, min_score < max_score, score between them."""

    name: str
    score: int | float
    min_score: int | float
    max_score: int | float
    severity: str


def why_not_custom(custom: object) -> dict[str, list[str]]:
    """Why this is no custom score; empty when it is. Keys are `custom` and `custom.<field>`."""
    if not isinstance(custom, Mapping):
        return {"custom": ["A custom assessment needs name, score, min_score, max_score and severity."]}
    known = (*_TEXTS, *_NUMBERS)
    faults: dict[str, list[str]] = {
        f"custom.{key}": ["This field is not known here."] for key in custom if key not in known
    }
    for field in known:
        if field not in custom:
            faults[f"custom.{field}"] = ["This field is required."]
        elif reason := _why_not_field(field, custom[field]):
            faults[f"custom.{field}"] = [reason]
    return faults or _misfits(custom)


def read_custom(custom: Mapping[str, object]) -> CustomScore:
    """The checked score. Raises ValueError with the reasons; ask `why_not_custom` first for them by field."""
    if faults := why_not_custom(custom):
        raise ValueError(" ".join(f"{field}: {' '.join(reasons)}" for field, reasons in faults.items()))
    return msgspec.convert(dict(custom), CustomScore)


def _why_not_field(field: str, value: object) -> str | None:
    if field in _TEXTS:
        return _why_not_text(value, _TEXTS[field])
    if type(value) not in (int, float):
        return "Must be a number."
    # Compared before isfinite(), which overflows on numbers of hundreds of digits; NaN passes no comparison.
    if not (isinstance(value, int | float) and -LARGEST <= value <= LARGEST and math.isfinite(value)):
        return f"Must be a finite number from -{LARGEST} to {LARGEST}."
    return None


def _why_not_text(value: object, length: int) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return "Must be a text that is not empty."
    if len(value) > length:
        return f"Must be at most {length} characters."
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        return "Must not hold NUL characters or lone surrogates."
    return None


def _misfits(custom: Mapping[str, float]) -> dict[str, list[str]]:
    if custom["min_score"] >= custom["max_score"]:
        return {"custom.max_score": ["Must be greater than min_score."]}
    if not custom["min_score"] <= custom["score"] <= custom["max_score"]:
        return {"custom.score": ["Must lie between min_score and max_score."]}
    return {}
