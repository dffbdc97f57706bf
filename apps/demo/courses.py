"""How someone fares over a year: a course that rises and falls, and the answer sheets and moods that follow from it."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from apps.assessments.instruments import Instrument, Item

Course = Callable[[float], float]

# From how much of the time has passed (0 to 1) to how much someone suffers (0 to 1).
COURSES: dict[str, Course] = {
    "recovers": lambda passed: 0.78 - 0.62 * passed,
    "recovers_at_last": lambda passed: 0.7 - 0.55 * max(0.0, passed - 0.45) / 0.55,
    "relapses": lambda passed: 0.62 - 0.85 * passed if passed < 0.55 else 0.15 + 1.1 * (passed - 0.55),
    "comes_and_goes": lambda passed: 0.42 + 0.26 * math.sin(passed * 11),
    "gets_worse": lambda passed: 0.26 + 0.5 * passed,
    "rallies": lambda passed: 0.45 + 0.8 * passed if passed < 0.45 else 0.81 - 0.95 * (passed - 0.45),
    "stays_well": lambda passed: 0.16 + 0.05 * math.sin(passed * 9),
}
# In these a higher answer means that someone is better.
WELLBEING = frozenset({"who5"})
CRISIS_ANSWER = 2


@dataclass(frozen=True, slots=True)
class Fare:
    """Someone's way through a year: `course` of `COURSES`, with small steps off it from `dice`."""

    course: str
    dice: random.Random

    def suffering(self, passed: float) -> float:
        """From 0 to 1 at a moment of the course, also from 0 to 1."""
        return _bounded(COURSES[self.course](passed) + self.dice.uniform(-0.06, 0.06))

    def direction(self, passed: float) -> str:
        """better, worse or steady, against the month before."""
        change = COURSES[self.course](passed) - COURSES[self.course](max(0.0, passed - 0.1))
        return "better" if change < -0.02 else "worse" if change > 0.02 else "steady"

    def mood(self, passed: float, *, after_session: bool) -> int:
        """From 1 to 10."""
        lift = self.dice.choice((0, 1, 1, 2)) if after_session else 0
        return min(10, max(1, round(9 - 7 * self.suffering(passed)) + lift))

    def answers(self, instrument: Instrument, passed: float, *, in_crisis: bool = False) -> list[int]:
        """A complete sheet; items that open a crisis flag stay at their lowest unless `in_crisis`."""
        suffering = self.suffering(passed)
        level = 1 - suffering if instrument.code in WELLBEING else suffering
        ruled = {rule.item for rule in instrument.flag_rules}
        return [self._answer(item, level, ruled, in_crisis=in_crisis) for item in instrument.items]

    def _answer(self, item: Item, level: float, ruled: set[int], *, in_crisis: bool) -> int:
        if item.number in ruled:
            return min(CRISIS_ANSWER, item.maximum) if in_crisis else item.minimum
        points = item.minimum + (item.maximum - item.minimum) * _bounded(level + self.dice.uniform(-0.2, 0.2))
        return item.points(round(points))


def _bounded(value: float) -> float:
    return min(1.0, max(0.0, value))
