"""Rows as JSON, for functions and statements that write or read several at once."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django.db import DEFAULT_DB_ALIAS, models


def row(instance: models.Model) -> dict[str, Any]:
    """The new row as PostgreSQL takes it for its record; what is sealed or binary stands in hexadecimal."""
    values = {str(field.column): field.pre_save(instance, add=True) for field in instance._meta.local_concrete_fields}
    return {column: rf"\x{value.hex()}" if isinstance(value, bytes) else value for column, value in values.items()}


def restored[M: models.Model](model: type[M], told: Mapping[str, Any]) -> M:
    """The kept row that PostgreSQL told as JSON; what is sealed opens when it is first read, as ever."""
    fields = model._meta.local_concrete_fields
    values = [_value(field, told[str(field.column)]) for field in fields]
    return model.from_db(DEFAULT_DB_ALIAS, [field.attname for field in fields], values)


def _value(field: Any, told: Any) -> Any:
    if told is None:
        return None
    return unhexed(told) if field.get_internal_type() == "BinaryField" else field.to_python(told)


def unhexed(told: str) -> bytes:
    return bytes.fromhex(told.removeprefix(r"\x"))


def encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()
