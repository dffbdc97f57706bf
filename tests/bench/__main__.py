"""`make bench`: prints requests per second beside a floor, latencies, memory, and how soon streams hear.

`--members` may be given more than once; loading a million takes minutes the first time, and the data is kept in `--folder`.
"""

import argparse
import platform
import time
from collections.abc import Sequence
from pathlib import Path

from apps.stack.places import PROJECT_ROOT
from tests.bench import listening
from tests.bench.driving import Driver
from tests.bench.measuring import ENDPOINTS, Measured, Side, measure, percentile_99, resident, session_bodies
from tests.bench.servers import Bench, running

HEADING = f"{'members':>9}  {'request':<20} {'':<5} {'req/s':>8} {'of floor':>9} {'p50 ms':>8} {'p99 ms':>8}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("--members", type=int, action="append", metavar="N", help="default: 10000 and 1000000")
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each side, in turn (default 5)")
    parser.add_argument("--requests", type=int, default=1_000, help="requests in a round (default 1000)")
    parser.add_argument("--streams", type=int, default=500, help="streams open at once; 0 leaves them out")
    parser.add_argument("--events", type=int, default=25, help="events that the streams are to hear")
    parser.add_argument("--no-memory", action="store_true", help="leave out the 10,000 requests for resident memory")
    parser.add_argument("--folder", type=Path, default=PROJECT_ROOT / ".data-bench", help="where the data is kept")
    options = parser.parse_args(arguments)
    print(f"{platform.machine()}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}", flush=True)
    found: dict[int, list[Measured]] = {}
    for members in options.members or [10_000, 1_000_000]:
        with running(members, options.folder / str(members)) as bench, Driver(options.connections) as driver:
            found[members] = _measured(bench, driver, members, options)
    _compare(found)


def _measured(bench: Bench, driver: Driver, members: int, options: argparse.Namespace) -> list[Measured]:
    print(HEADING, flush=True)
    taken = []
    for endpoint in ENDPOINTS:
        one = measure(bench, driver, endpoint, rounds=options.rounds, requests=options.requests)
        _line(members, one.endpoint, "stack", one.stack, f"{one.ratio:.2f}")
        _line(members, one.endpoint, "floor", one.floor, "")
        taken.append(one)
    if not options.no_memory:
        early, late = resident(bench, driver)
        print(f"{members:>9}  web worker, resident: {early:.0f} MiB early, {late:.0f} MiB after 10,000 requests more")
    if options.streams and bench.stream.socket is not None and bench.web.socket is not None:
        bodies = session_bodies(bench, options.events)
        keys = bench.prepared.keys
        latencies = listening.hear(bench.stream.socket, bench.web.socket, keys, options.streams, bodies)
        late_ms = percentile_99(latencies) * 1000
        print(f"{members:>9}  {options.streams} streams hear of an event: p99 {late_ms:.0f} ms after it was asked for")
    return taken


def _line(members: int, name: str, side: str, taken: Side, ratio: str) -> None:
    print(
        f"{members:>9}  {name:<20} {side:<5} {taken.rate:>8.0f} {ratio:>9} {taken.p50:>8.2f} {taken.p99:>8.2f}",
        flush=True,
    )


def _compare(found: dict[int, list[Measured]]) -> None:
    """How the slowest hundredth grows from the smallest to the largest size."""
    if len(found) < 2:
        return
    small, large = min(found), max(found)
    for few, many in zip(found[small], found[large], strict=True):
        print(f"{few.endpoint:<20} p99 at {large} is {many.stack.p99 / few.stack.p99:.2f} times that at {small}")


if __name__ == "__main__":
    main()
