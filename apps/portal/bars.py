"""Shares of a whole as one bar that the server draws. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 32
# A part narrower than this has its number in the table alone.
NARROWEST_WITH_NUMBER = 36


@dataclass(frozen=True, slots=True)
class Part:
    """One share; `x` and `width` in the drawing's units. `level` is a severity's name or `none`."""

    label: str
    count: int
    percent: int
    level: str
    x: float
    width: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)

    @property
    def has_number(self) -> bool:
        return self.width >= NARROWEST_WITH_NUMBER


@dataclass(frozen=True, slots=True)
class Bar:
    """The parts from left to right; the drawing is `WIDTH` by `HEIGHT`."""

    total: int
    parts: tuple[Part, ...]

    @property
    def told(self) -> str:
        """What the drawing shows, for whoever hears it."""
        return ", ".join(f"{part.label} {part.count}" for part in self.parts)


def bar_of(parts: Sequence[tuple[str, int, str]]) -> Bar:
    """A bar of (label, count, level)."""
    total = sum(count for _, count, _ in parts)
    drawn, x = [], 0.0
    for label, count, level in parts:
        share = count / total if total else 0.0
        drawn.append(Part(label, count, round(share * 100), level, round(x, 1), round(share * WIDTH, 1)))
        x += share * WIDTH
    return Bar(total, tuple(drawn))
