"""What is measured: the web and stream processes as a one-machine run starts them, and the floor beside them."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import psutil

from apps.stack import plan
from apps.stack.embedded import running_services
from apps.stack.errors import CannotStart
from apps.stack.generated_secrets import ensure_secrets
from apps.stack.places import PROJECT_ROOT
from apps.stack.plan import Program
from apps.stack.ports import Ports

READY_SECONDS = 60
NO_PORTS = Ports(interfaces=("127.0.0.1",), port=0, tls_port=None)


@dataclass(frozen=True)
class Prepared:
    """What the requests need: the keys (the first for everything), members to ask for, a clinician."""

    keys: list[str]
    members: list[str]
    clinician: str


@dataclass(frozen=True)
class Bench:
    """A running stack and its floor. Everything is asked at the servers' own sockets, without the front door."""

    web: Program
    stream: Program
    floor: Program
    data: Path

    @cached_property
    def prepared(self) -> Prepared:
        return Prepared(**json.loads((self.data / "bench.json").read_text()))

    def resident_mebibytes(self) -> float:
        """The largest resident size among the web workers."""
        if self.web.child is None:
            raise RuntimeError("The web server is not running.")
        workers = psutil.Process(self.web.child.process.pid).children(recursive=True)
        return max(worker.memory_info().rss for worker in workers) / 1024**2


@contextmanager
def running(members: int, folder: Path) -> Iterator[Bench]:
    """The stack on `members` members, loaded into `folder` where they are not there already."""
    ensure_secrets(folder)
    with running_services(folder) as services, ExitStack() as started:
        addresses = {
            "DATABASE_URL": services.database_url,
            "OWNER_DATABASE_URL": services.owner_database_url,
            "VALKEY_URL": services.valkey_url,
            # What the front door adds is left out, so the peer of every request is the socket itself.
            "TRUSTED_PROXIES": "unix",
        }
        environment = plan.application_environment(services.places, addresses)
        for command in (
            plan.management("prepare"),
            plan.management("seed_demo", "--members", str(members), "--vendors", "2"),
            plan.management("shell", "--no-imports", "-c", "from tests.bench import prepare; prepare.main()"),
        ):
            subprocess.run(command, env=environment, cwd=PROJECT_ROOT, check=True, stdout=subprocess.DEVNULL)
        parts = {program.name: program for program in plan.programs(services.places, NO_PORTS, environment)}
        bench = Bench(parts["web"], parts["stream"], _floor(parts["web"]), services.places.data)
        for program in (bench.web, bench.stream, bench.floor):
            started.callback(program.stop)
            program.start()
        for program in (bench.web, bench.stream, bench.floor):
            _wait_for(program)
        yield bench


def _floor(web: Program) -> Program:
    """The same server with the same options as the web process; only socket and application are the floor's."""
    if web.socket is None:
        raise RuntimeError("The web server has no socket.")
    own = web.socket.with_name("floor.sock")
    instead: dict[str | Path, str | Path] = {
        web.socket: own,
        "config.wsgi:application": "tests.bench.floor:application",
    }
    return replace(web, name="floor", command=[instead.get(part, part) for part in web.command], socket=own)


def _wait_for(program: Program) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _listens(program.socket):
        if program.child is None or not program.child.is_running() or time.monotonic() > deadline:
            raise CannotStart(f"{program.name} did not start; see {program.places.logs / program.name}.log.")
        time.sleep(0.05)


def _listens(path: Path | None) -> bool:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(str(path))
            return True
    except OSError:
        return False
