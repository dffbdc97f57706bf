"""Scores of one instrument over time, as a line that the server draws. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from apps.assessments.instruments import INSTRUMENTS
from apps.assessments.models import Assessment

WIDTH, HEIGHT, MARGIN = 320, 80, 8


@dataclass(frozen=True, slots=True)
class Point:
    """A score and where it stands on the drawing, in its units, from the top left."""

    assessment: Assessment
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Series:
    """The scores of one instrument, oldest first; the drawing is `WIDTH` by `HEIGHT`."""

    title: str
    points: tuple[Point, ...]

    @property
    def first(self) -> Assessment:
        return self.points[0].assessment

    @property
    def last(self) -> Assessment:
        return self.points[-1].assessment

    @property
    def line(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)

    @property
    def newest_first(self) -> tuple[Point, ...]:
        return self.points[::-1]


def series_of(assessments: Iterable[Assessment]) -> list[Series]:
    """One series for each instrument, and for each name of custom ones; `assessments` come in the order of series."""
    grouped = groupby(assessments, key=lambda one: (one.instrument, one.name))
    return [Series(_title(*named), _placed(list(scores))) for named, scores in grouped]


def _title(instrument: str, name: str) -> str:
    known = INSTRUMENTS.get(instrument)
    return name or (known.name if known else instrument)


def _placed(scores: list[Assessment]) -> tuple[Point, ...]:
    """Across by time, up by score between the least and the most that the instrument gives."""
    start = scores[0].administered_at
    span = (scores[-1].administered_at - start).total_seconds()
    points = []
    for one in scores:
        across = (one.administered_at - start).total_seconds() / span if span else 0.5
        up = (one.score - one.min_score) / (one.max_score - one.min_score) if one.max_score > one.min_score else 0.5
        x = MARGIN + across * (WIDTH - 2 * MARGIN)
        y = HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN)
        points.append(Point(one, round(x, 1), round(y, 1)))
    return tuple(points)
