"""Whatever the domain refuses has a status of its own in the contract, not the one that is left over."""

from collections.abc import Iterator

import django.apps

from apps.api_vendor import errors
from apps.core.errors import DomainError


def kinds(of: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Every refusal of every app that is installed."""
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def has_a_status(kind: type[DomainError]) -> bool:
    # These two `errors.render` knows by themselves; the tests of bad input hold it to that.
    return kind in {errors.BodyTooLarge, errors.UnsupportedMedia} or any(
        issubclass(kind, known) for known, _ in errors.STATUSES
    )


def test_every_refusal_has_a_status() -> None:
    assert django.apps.apps.ready
    found = [kind for kind in kinds() if kind.__module__.startswith("apps.")]
    assert len(found) > 15
    assert [kind for kind in found if not has_a_status(kind)] == []


def test_a_refusal_that_nobody_placed_is_found() -> None:
    assert not has_a_status(type("Stray", (DomainError,), {}))
