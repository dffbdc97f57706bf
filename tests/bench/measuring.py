"""The rounds: stack and floor in turn, so that whatever else the machine does falls on both."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from tests.bench.driving import Driver, Round, request
from tests.bench.servers import Bench

MEMORY_REQUESTS = 10_000


@dataclass(frozen=True)
class Endpoint:
    name: str
    status: int
    requests: Callable[[Bench, int], list[bytes]]


@dataclass(frozen=True)
class Side:
    """Requests per second over all rounds, and percentiles of the latencies in milliseconds."""

    rate: float
    p50: float
    p99: float

    @classmethod
    def of(cls, rounds: Sequence[Round]) -> "Side":
        latencies = [latency * 1000 for each in rounds for latency in each.latencies]
        return cls(
            len(latencies) / sum(each.seconds for each in rounds),
            statistics.median(latencies),
            percentile_99(latencies),
        )


@dataclass(frozen=True)
class Measured:
    endpoint: str
    stack: Side
    floor: Side

    @property
    def ratio(self) -> float:
        return self.stack.rate / self.floor.rate


def percentile_99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def session_bodies(bench: Bench, amount: int) -> list[bytes]:
    """Bodies of sessions with ever other members."""
    return [
        json.dumps({
            "member_id": member,
            "session_type": "individual",
            "modality": "video",
            "status": "completed",
            "started_at": "2026-01-05T10:00:00Z",
            "ended_at": "2026-01-05T10:50:00Z",
            "clinician_id": bench.prepared.clinician,
            "clinician_name": "Dr. Load",
            "mood_before": 4,
            "mood_after": 6,
            "summary": "Reviewed the week; slept better, walked twice, argued once and made up.",
            "topics": ["sleep", "family"],
            "interventions": ["behavioural activation"],
            "homework": "Walk before noon on three days.",
        }).encode()
        for member in islice(cycle(bench.prepared.members), amount)
    ]  # fmt: skip


def _lists(bench: Bench, amount: int) -> list[bytes]:
    return [request("GET", "/members/", bench.prepared.keys[0])] * amount


def _details(bench: Bench, amount: int) -> list[bytes]:
    members = islice(cycle(bench.prepared.members), amount)
    return [request("GET", f"/members/{member}/", bench.prepared.keys[0]) for member in members]


def _posts(bench: Bench, amount: int) -> list[bytes]:
    return [request("POST", "/sessions/", bench.prepared.keys[0], body) for body in session_bodies(bench, amount)]


ENDPOINTS = (
    Endpoint("GET /members/", 200, _lists),
    Endpoint("GET /members/{id}/", 200, _details),
    Endpoint("POST /sessions/", 201, _posts),
)


def measure(bench: Bench, driver: Driver, endpoint: Endpoint, *, rounds: int, requests: int) -> Measured:
    """Warm both sides, then measure them in turn."""
    batch = endpoint.requests(bench, requests)
    sockets = [socket for socket in (bench.web.socket, bench.floor.socket) if socket is not None]
    for socket in sockets:
        driver.drive(socket, batch[: max(100, requests // 4)], status=endpoint.status)
    taken: list[list[Round]] = [[], []]
    for number in range(rounds):
        for side in (0, 1) if number % 2 else (1, 0):
            taken[side].append(driver.drive(sockets[side], batch, status=endpoint.status))
    return Measured(endpoint.name, Side.of(taken[0]), Side.of(taken[1]))


def resident(bench: Bench, driver: Driver) -> tuple[float, float]:
    """MiB of the largest web worker after a tenth of `MEMORY_REQUESTS` more requests, and after all of them."""
    web = bench.web.socket
    if web is None:
        raise RuntimeError("The web server has no socket.")
    found = []
    for amount in (MEMORY_REQUESTS // 10, MEMORY_REQUESTS - MEMORY_REQUESTS // 10):
        for endpoint in ENDPOINTS[:2]:
            driver.drive(web, endpoint.requests(bench, amount // 2), status=endpoint.status)
        found.append(bench.resident_mebibytes())
    return found[0], found[1]
