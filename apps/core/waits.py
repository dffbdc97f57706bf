"""How long things waited: the SQL that sums it up, and its figures. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, Self


def summed_up(waited: str, steps: Sequence[timedelta]) -> str:
    """The select list of `Waits.read` over a column of seconds, null for what still waits."""
    within = ", ".join(f"count(*) FILTER (WHERE {waited} <= {step.total_seconds():.0f})" for step in steps)
    percentiles = ", ".join(f"percentile_cont({part}) WITHIN GROUP (ORDER BY {waited})" for part in (0.5, 0.9))
    return f"count(*), count({waited}), {percentiles}, {within}"


@dataclass(frozen=True, slots=True)
class Waits:
    """Of `total` things `done` are over; `median` and `p90` are theirs. `by_step`: how many were over within each step
    and not within the one before, and lastly how many took longer."""

    total: int
    done: int
    median: timedelta | None
    p90: timedelta | None
    by_step: tuple[int, ...]

    @classmethod
    def read(cls, row: Sequence[Any]) -> Self:
        total, done, median, p90, *within = row
        edges = [0, *within, done]
        return cls(total, done, _span(median), _span(p90), tuple(b - a for a, b in pairwise(edges)))

    @property
    def waiting(self) -> int:
        return self.total - self.done


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=float(seconds))
