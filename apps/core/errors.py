"""Refusals of the domain. They carry codes and words for people; each contract gives them its status and shape."""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class DomainError(Exception):
    """A rule said no. `message` says what was wrong and what to do; `fields` maps dotted paths to messages."""

    code: ClassVar[str] = "refused"

    def __init__(self, message: str, *, fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = {path: list(messages) for path, messages in (fields or {}).items()}


class NotFound(DomainError):
    """Not there, or not the caller's: one answer for both."""

    code = "not_found"


class Forbidden(DomainError):
    """The caller may see it but not do this to it."""

    code = "forbidden"


class Conflict(DomainError):
    """The state of things does not allow it."""

    code = "conflict"


class Invalid(DomainError):
    """Well formed but wrong; `fields` says where."""

    code = "invalid"

    @classmethod
    def field(cls, path: str, message: str) -> "Invalid":
        return cls(f"{path}: {message}", fields={path: [message]})


class Unavailable(DomainError):
    """A part that the call needs is out of reach for the moment; trying again later is safe."""

    code = "unavailable"
