"""Tells happenings through the verbs, in the order of time, each with the clock at its own moment."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from tqdm import tqdm

from apps.core.actor import Actor
from apps.core.clock import telling_of
from apps.tenants.context import acting_as

# What one person does in so many days goes into one transaction; a transaction for each verb would take thrice the time.
SLOT = timedelta(days=10)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that `actor` did at a moment. What is `apart` keeps its exact place among all that happens."""

    at: datetime
    actor: Actor
    tell: Callable[[], object]
    apart: bool = False

    def place(self) -> tuple[datetime, str, str]:
        if self.apart:
            return (self.at, str(self.actor.tenant_id), str(self.actor.id))
        slot = BEGINNING + (self.at - BEGINNING) // SLOT * SLOT
        return (slot, str(self.actor.tenant_id), str(self.actor.id))


def tell_all(happenings: Iterable[Happening], *, label: str, progress: bool) -> None:
    ordered = sorted(happenings, key=lambda each: (each.place(), each.at))
    with tqdm(total=len(ordered), desc=label, unit=" events", disable=not progress, leave=False) as bar:
        for _, together in groupby(ordered, key=Happening.place):
            told = list(together)
            _tell(told)
            bar.update(len(told))


def _tell(told: list[Happening]) -> None:
    with telling_of(told[-1].at), acting_as(told[0].actor):
        for each in told:
            with telling_of(each.at):
                each.tell()
