"""The order of a one-machine run: hold the data folder, servers, migrations, demo, programs, watch, stop.

Loads neither Django nor the settings: it makes what they read.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from apps.stack import plan, processes
from apps.stack.embedded import exclusive_use
from apps.stack.errors import CannotStart
from apps.stack.generated_secrets import ensure_secrets, write_private
from apps.stack.places import PROJECT_ROOT, Places, data_dir_from_environment
from apps.stack.ports import Ports
from apps.stack.postgres import APPLICATION, OWNER, PostgresServer
from apps.stack.supervisor import (
    StopRequested,
    Supervisor,
    adopt_orphans,
    ignore_stop_signals,
    raise_on_stop_signals,
)
from apps.stack.valkey import ValkeyServer

_READY_SECONDS = 60

_DESCRIPTION = """Starts PostgreSQL, Valkey, web, stream, worker with beat, and Caddy; migrates, and seeds the demo
once. Ctrl-C stops everything. PORT (8000), TLS_PORT, BIND (loopback), DATA_DIR (.data), DATABASE_URL with
OWNER_DATABASE_URL, and VALKEY_URL in the environment change it; DEMO=0 seeds nothing."""


def main(arguments: Sequence[str]) -> int:
    """Run until told to stop. Returns the exit code: 0 after a wanted stop, else 1 with one sentence said."""
    argparse.ArgumentParser(
        prog="manage.py up", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args(arguments)
    supervisor = Supervisor(say)
    raise_on_stop_signals()
    adopt_orphans()
    # What the parts write below DATA_DIR is this user's alone, even where the folder itself was made open before.
    os.umask(0o077)
    try:
        ports = Ports.read(os.environ)
        places = Places.of(data_dir_from_environment())
        with exclusive_use(places):
            try:
                ports.refuse_taken()
                _start(supervisor, places, ports)
                supervisor.watch()
            finally:
                ignore_stop_signals()
                supervisor.stop()
    except CannotStart as error:
        say(f"Cannot go on. {error}")
        return 1
    except StopRequested:
        say("stopped; the data is kept")
    return 0


def say(line: str) -> None:
    """Print one line of progress."""
    print(f"throughline: {line}", flush=True)


def _start(supervisor: Supervisor, places: Places, ports: Ports) -> None:
    started = time.monotonic()
    ensure_secrets(places.data)
    addresses = {**_database(supervisor, places), **_valkey(supervisor, places), "BASE_URL": ports.base_url}
    write_private(places.runtime_file, {name.lower(): value for name, value in addresses.items()})
    environment = plan.application_environment(places, addresses)
    _step("prepare", plan.management("prepare"), environment, places)
    say("database migrated, static files collected")
    if os.environ.get("DEMO", "1") != "0":
        # The demo's people have no second factor to show: demo.json alone lets them in.
        environment.setdefault("REQUIRE_MFA", "0")
        # At every start, since PORT and DEMO_RATE_LIMIT may have changed.
        first = not places.demo_file.exists()
        if first:
            say("seeding the demo, once")
        _step("seed_demo", plan.management("seed_demo"), environment, places, quiet=not first)
    programs = plan.programs(places, ports, environment)
    for program in programs:
        supervisor.start(program)
    for program in programs:
        if program.socket is not None:
            supervisor.wait_until(partial(_alive, program.socket), program.name, seconds=_READY_SECONDS)
    front_door = (ports.host.strip("[]"), ports.port)
    supervisor.wait_until(partial(_alive, front_door), "caddy", seconds=_READY_SECONDS)
    say(f"{', '.join(program.name for program in programs)} started")
    _say_where(places, ports, time.monotonic() - started)


def _database(supervisor: Supervisor, places: Places) -> dict[str, str]:
    outside = os.environ.get("DATABASE_URL")
    if outside:
        return {
            "DATABASE_URL": outside,
            "OWNER_DATABASE_URL": os.environ.get("OWNER_DATABASE_URL") or outside,
        }
    server = PostgresServer(places)
    supervisor.start(server)
    say("PostgreSQL started")
    return {"DATABASE_URL": server.url(APPLICATION), "OWNER_DATABASE_URL": server.url(OWNER)}


def _valkey(supervisor: Supervisor, places: Places) -> dict[str, str]:
    outside = os.environ.get("VALKEY_URL")
    if outside:
        return {"VALKEY_URL": outside}
    server = ValkeyServer(places)
    supervisor.start(server)
    say("Valkey started")
    return {"VALKEY_URL": server.url}


def _step(
    name: str, command: list[str | Path], environment: dict[str, str], places: Places, *, quiet: bool = True
) -> None:
    log = places.logs / f"{name}.log"
    processes.rotate(log)
    child = processes.spawn(
        name,
        command,
        log=log,
        id_file=places.process_ids / f"{name}.pid",
        environment=environment,
        folder=PROJECT_ROOT,
        to_terminal=not quiet,
    )
    try:
        failed = child.process.wait() != 0
    finally:
        processes.stop(child, grace=5)
    if failed:
        said = processes.telling_line(child) if quiet else "its message is above"
        raise CannotStart(f"`manage.py {name}` failed: {said}" + (f" (log: {log})" if quiet else ""))


def _alive(address: Path | tuple[str, int]) -> bool:
    """Whether `/healthz` at a socket or at a host and port answers 200."""
    try:
        if isinstance(address, tuple):
            connection = socket.create_connection(address, timeout=2)
        else:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(2)
        with connection:
            if isinstance(address, Path):
                connection.connect(str(address))
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _say_where(places: Places, ports: Ports, seconds: float) -> None:
    say(f"everything runs, after {seconds:.1f} s; Ctrl-C stops it")
    print(f"\n  Throughline is at  {ports.base_url}")
    if ports.tls_port is not None:
        authority = places.data / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        print(f"  with HTTPS at      https://localhost:{ports.tls_port}  (authority: {authority})")
    try:
        key = json.loads(places.demo_file.read_text())["vendors"][0]["live_key"]
    except (OSError, ValueError, LookupError, TypeError):
        print(flush=True)
        return
    print(f"  the ways in are in {places.demo_file}\n")
    print(f'  curl -s {ports.base_url}/api/v2/members/ -H "X-API-Key: {key}"\n', flush=True)
