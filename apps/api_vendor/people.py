"""People in answers: who signed, wrote, changed, acknowledged."""

import uuid
from collections.abc import Mapping
from typing import Literal

from apps.doors.wire import Answer


class Who(Answer):
    kind: Literal["person", "key", "system"]
    id: uuid.UUID
    name: str


def who(reference: Mapping[str, str]) -> Who:
    """An `Actor.reference()`, as it was kept, for an answer."""
    return Who(kind=_KINDS[reference["kind"]], id=uuid.UUID(reference["id"]), name=reference["name"])


_KINDS: dict[str, Literal["person", "key", "system"]] = {"person": "person", "key": "key", "system": "system"}
