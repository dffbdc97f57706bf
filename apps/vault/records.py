"""Rows as JSON, for functions and statements that write several at once."""

from typing import Any

import msgspec
from django.db import models


def row(instance: models.Model) -> dict[str, Any]:
    """The new row as PostgreSQL takes it for its record; what is sealed or binary stands in hexadecimal."""
    values = {str(field.column): field.pre_save(instance, add=True) for field in instance._meta.local_concrete_fields}
    return {column: rf"\x{value.hex()}" if isinstance(value, bytes) else value for column, value in values.items()}


def encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()
