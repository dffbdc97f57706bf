"""The programs of a run behind the real front door, over the servers that the tests already have."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from apps.stack.places import Places
from apps.stack.plan import application_environment, programs
from apps.stack.ports import Ports
from tests.ground import services
from tests.stack.runs import free_port, until


@contextmanager
def served(folder: Path, *, ready: str, **applications: str | None) -> Iterator[str]:
    """Start the named programs (`web`, `stream`) and the front door; yields its address once `ready` is answered.

    Each name is given the application to serve instead of its own, or None. Call from the main thread.
    """
    places = Places.of(folder)
    places.make()
    ports = Ports(interfaces=("127.0.0.1",), port=free_port(), tls_port=None)
    addresses = {"VALKEY_URL": services().valkey_url, "DATABASE_URL": services().database_url}
    environment = application_environment(places, {**addresses, "BASE_URL": ports.base_url})
    with ExitStack() as running:
        running.callback(places.remove_runtime)
        for program in programs(places, ports, environment):
            if program.name not in {*applications, "caddy"}:
                continue
            if application := applications.get(program.name):
                program.command[-1] = application
            program.start()
            running.callback(program.stop)
        until(lambda: _answers(ports.base_url + ready), "the programs answer")
        yield ports.base_url


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10).status_code < 500
    except httpx.TransportError:
        return False
