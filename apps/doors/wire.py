"""What crosses the wire, as typed structs: strict, closed, and every fault named at once.

A struct describes a body or the query parameters of one request; `read_body` and `read_query` turn bytes into it or
raise `Invalid` with a message for each field at its dotted path.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from django.http import QueryDict
from msgspec import Meta, Struct

from apps.core.errors import Invalid
from apps.doors.wording import bare, worded

EARLIEST, LATEST = 1900, 2200
DEEPEST = 32
# More faults than a person reads would only make the answer larger than the request.
MOST_FAULTS = 100
# Where a fault of the body as a whole stands among the errors.
BODY = "body"

# For the published description; what keeps to it is `_sane`.
YEARS = {"pattern": "^(19|2[01])[0-9]{2}-|^2200-"}
Instant = Annotated[datetime, Meta(tz=True, extra_json_schema=YEARS)]
Day = Annotated[date, Meta(extra_json_schema=YEARS)]
NOT_BLANK = Meta(pattern=r"\S", description="Must not be blank.")
ShortText = Annotated[str, Meta(min_length=1, max_length=200), NOT_BLANK]
LongText = Annotated[str, Meta(max_length=20_000)]

# Where the decoder says that a fault stands further inside.
_AT = re.compile(r" - at `(?:key in )?\$.*`$")
# A string is passed over whole, so that brackets in it do not count; one without an end reaches to the end, so that
# the search never begins anew inside it.
_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


class Closed(Struct, kw_only=True, forbid_unknown_fields=True):
    """A request's part: unknown fields are refused."""


class Answer(Struct, kw_only=True, gc=False):
    """An answer's part."""


T = TypeVar("T", bound=Struct)


@cache
def _fields(kind: type[Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def read_body[T: Struct](kind: type[T], body: bytes) -> T:
    """The body as `kind`. Raises `Invalid`: malformed JSON, unknown, missing or wrong fields."""
    if _is_too_deep(body):
        raise Invalid.field(BODY, f"The body is nested deeper than {DEEPEST} levels.")
    try:
        return _read_at_once(kind, body)
    except (msgspec.DecodeError, UnicodeDecodeError, Invalid):
        return _read_by_field(kind, body)


@cache
def _decoder(kind: type[Struct]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _read_at_once[T: Struct](kind: type[T], body: bytes) -> T:
    """What nearly every body can be; it raises the first fault where `_read_by_field` names all."""
    read: T = _decoder(kind).decode(body or b"{}")
    for name, field in _fields(kind).items():
        value = getattr(read, field.name)
        sane = _sane(value, name)
        if sane is not value:
            setattr(read, field.name, sane)
    return read


def _read_by_field[T: Struct](kind: type[T], body: bytes) -> T:
    try:
        found = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Invalid.field(BODY, "The body is not valid JSON.") from None
    if not isinstance(found, dict):
        raise Invalid.field(BODY, "The body must be a JSON object.")
    return _convert(kind, found, strict=True)


def _is_too_deep(body: bytes) -> bool:
    """Asked before the decoder is, which a body of brackets alone would drive beyond the process's stack."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return False
    depth = 0
    for token in _BRACKETS.finditer(body):
        found = token[0]
        if found in {b"[", b"{"}:
            depth += 1
            if depth > DEEPEST:
                return True
        elif found in {b"]", b"}"}:
            depth -= 1
    return False


def read_query[T: Struct](kind: type[T], query: QueryDict) -> T:
    """The query parameters as `kind`. Raises `Invalid`: unknown, repeated or wrong parameters."""
    repeated = {name: ["Give this parameter once."] for name, values in query.lists() if len(values) > 1}
    if repeated:
        raise Invalid(_summary(repeated), fields=repeated)
    return _convert(kind, query.dict(), strict=False)


def _convert[T: Struct](kind: type[T], found: Mapping[str, Any], *, strict: bool) -> T:
    values: dict[str, Any] = {}
    errors = _faults_of_fields(kind, found, "", strict=strict, values=values)
    if errors:
        raise Invalid(_summary(errors), fields=errors)
    return kind(**values)


def _faults_of_fields(
    kind: type[Struct], found: Mapping[str, Any], prefix: str, *, strict: bool, values: dict[str, Any]
) -> dict[str, list[str]]:
    """The faults of an object's fields by dotted path; the fields without one go into `values`."""
    fields = _fields(kind)
    errors: dict[str, list[str]] = {}
    for name, value in found.items():
        if len(errors) >= MOST_FAULTS:
            return errors
        field = fields.get(name)
        if field is None:
            errors[prefix + _printable(name)] = ["This field is not known here."]
            continue
        path = prefix + name
        try:
            converted = msgspec.convert(value, field.type, strict=strict or not _is_plain(value))
            values[field.name] = _sane(converted, path)
        except msgspec.ValidationError as error:
            errors |= _faults(field.type, value, path, str(error))
        except Invalid as error:
            errors |= error.fields
    for name, field in fields.items():
        if field.required and name not in found:
            errors[prefix + name] = ["This field is required."]
    return errors


def _faults(kind: Any, value: Any, path: str, error: str) -> dict[str, list[str]]:
    """Every fault of a value that is no `kind`; `error` is the first, as the decoder says it."""
    inner = bare(kind)
    if isinstance(value, dict) and isinstance(inner, type) and issubclass(inner, Struct):
        return _faults_of_fields(inner, value, f"{path}.", strict=True, values={})
    errors: dict[str, list[str]] = {}
    if isinstance(value, list) and _AT.search(error):
        entry = get_args(inner)[0]
        for index, each in enumerate(value):
            try:
                msgspec.convert(each, entry)
            except msgspec.ValidationError as wrong:
                errors |= _faults(entry, each, f"{path}.{index}", str(wrong))
            if len(errors) >= MOST_FAULTS:
                break
    return errors or {path: [worded(_AT.sub("", error), kind)]}


def _is_plain(value: str) -> bool:
    """Whether a query parameter may be read as a number; otherwise `null` is a word, and `1e1` and `1.0` no integers."""
    return value.isascii() and value.removeprefix("-").isdecimal()


def _summary(errors: Mapping[str, list[str]]) -> str:
    path, messages = next(iter(errors.items()))
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"{path}: {messages[0]}{more}"


def _printable(name: str) -> str:
    return name[:100].encode("unicode_escape").decode()


def _sane(value: Any, path: str) -> Any:
    """Refuse what the database could not hold, and bring instants to UTC."""
    match value:
        case str():
            if "\x00" in value:
                raise Invalid.field(path, "A NUL character is not allowed.")
        case datetime():
            if not EARLIEST <= value.year <= LATEST:
                raise Invalid.field(path, f"The year must be from {EARLIEST} to {LATEST}.")
            return value.astimezone(UTC) if value.tzinfo else value
        case date():
            if not EARLIEST <= value.year <= LATEST:
                raise Invalid.field(path, f"The year must be from {EARLIEST} to {LATEST}.")
        case list():
            return [_sane(each, f"{path}.{index}") for index, each in enumerate(value)]
        case dict():
            return {_sane(key, path): _sane(each, f"{path}.{_printable(str(key))}") for key, each in value.items()}
        case Struct():
            for field in msgspec.structs.fields(value):
                setattr(value, field.name, _sane(getattr(value, field.name), f"{path}.{field.encode_name}"))
    return value
