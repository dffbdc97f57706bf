"""What the decoder finds wrong, in words for people: what a value must be, and never what it was."""

import re
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from msgspec import Meta

INSTANT = "Must be an instant with its offset, such as 2026-01-31T09:30:00Z."

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "uuid": "a UUID",
    "datetime": "an instant",
    "date": "a date",
}
_WORDINGS: tuple[tuple[str, str], ...] = (
    (r"Expected `(?:int|float)` >= (.+?)(?:\.0)?", "Must be at least {}."),
    (r"Expected `(?:int|float)` <= (.+?)(?:\.0)?", "Must be at most {}."),
    (r"Expected `str` of length >= 1", "Must not be empty."),
    (r"Expected `str` of length >= (\d+)", "Must have at least {} characters."),
    (r"Expected `str` of length <= (\d+)", "Must have at most {} characters."),
    (r"Expected `array` of length <= (\d+)", "Must have at most {} entries."),
    (r"Invalid UUID", "Must be a UUID, such as 01956c3e-8a00-7000-8000-000000000000."),
    (r"Invalid RFC3339 encoded datetime", INSTANT),
    (r"Expected `datetime` with a timezone component", INSTANT),
    (r"Invalid RFC3339 encoded date", "Must be a date, such as 2026-01-31."),
)
_EXPECTED = re.compile(r"Expected `([^`]+)`, got `[^`]+`")


def worded(error: str, kind: Any) -> str:
    """The decoder's sentence about a value that is no `kind`, which may name the choices or describe a pattern."""
    if error.startswith("Invalid enum value"):
        return f"Must be one of {', '.join(_choices(kind))}."
    if error.startswith("Expected `str` matching regex"):
        return _described(kind) or "Does not have the form that is asked for."
    for pattern, wording in _WORDINGS:
        if found := re.fullmatch(pattern, error):
            return wording.format(*found.groups())
    if expected := _EXPECTED.fullmatch(error):
        return f"Must be {' or '.join(_KINDS.get(each, each) for each in expected[1].split(' | '))}."
    return error if error.endswith(".") else f"{error}."


def bare(kind: Any) -> Any:
    """A type without its annotations and without None."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
            continue
        given = [each for each in get_args(kind) if each is not NoneType]
        if get_origin(kind) not in (Union, UnionType) or len(given) != 1:
            return kind
        kind = given[0]


def _choices(kind: Any) -> list[str]:
    kind = bare(kind)
    return [str(each) for each in get_args(kind)] if get_origin(kind) is Literal else []


def _described(kind: Any) -> str | None:
    """What the annotations say of the pattern."""
    for each in get_args(kind):
        if isinstance(each, Meta) and each.pattern is not None:
            return each.description
        if get_origin(each) is Annotated and (said := _described(each)):
            return said
    return None
