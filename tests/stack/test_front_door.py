"""The front door: what Caddy lets through, what it replaces, and what it answers by itself."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingUnixStreamServer

import httpx
import pytest

from apps.stack.places import Places
from apps.stack.plan import Program, programs
from apps.stack.ports import Ports
from tests.stack.runs import free_port, until


class _Echo(BaseHTTPRequestHandler):
    """Answers with the headers and the size of the body that reached it."""

    def do_POST(self) -> None:
        size = len(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        body = json.dumps({"size": size, "headers": {name.lower(): value for name, value in self.headers.items()}})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        # Of a flood Caddy has turned away, nobody waits for the answer.
        with suppress(BrokenPipeError):
            self.end_headers()
            self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The front door's address, and the socket at which it looks for the web processes."""
    places = Places.of(tmp_path_factory.mktemp("door"))
    places.make()
    (places.data / "static").mkdir()
    (places.data / "static" / "style.css").write_text("a { color: red }")
    ports = Ports(interfaces=("127.0.0.1",), port=free_port(), tls_port=None)
    caddy: Program = programs(places, ports, os.environ)[-1]
    caddy.start()
    until(lambda: _answers(ports.base_url), "Caddy answers")
    yield ports.base_url, places.sockets / "web.sock"
    caddy.stop()


def _answers(url: str) -> bool:
    try:
        httpx.get(f"{url}/static/style.css")
    except httpx.TransportError:
        return False
    return True


@pytest.fixture
def web(door: tuple[str, Path]) -> Iterator[str]:
    url, socket = door
    socket.unlink(missing_ok=True)
    with ThreadingUnixStreamServer(str(socket), _Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        yield url
        server.shutdown()
    socket.unlink()


def test_an_address_that_a_client_made_up_is_replaced_in_every_spelling(web: str) -> None:
    names = ("X-Forwarded-For", "X_Forwarded_For", "Forwarded", "X-Real-IP", "X_Real_IP", "True-Client-IP")

    reached = httpx.post(web, headers={"X-Request-Id": "kept", **dict.fromkeys(names, "6.6.6.6")}).json()["headers"]

    assert reached["x-forwarded-for"] == "127.0.0.1"
    assert reached["x-request-id"] == "kept"
    assert "6.6.6.6" not in json.dumps(reached)


def test_a_body_up_to_the_flood_limit_reaches_the_application(web: str) -> None:
    assert httpx.post(web, content=bytes(1_900_000)).json()["size"] == 1_900_000


def test_of_a_flood_the_application_hears_and_gets_nothing(web: str) -> None:
    url = f"{web}/api/v2/sessions/"
    reached = httpx.post(url, content=bytes(10_000_000), headers={"X-Request-Id": "kept"}).json()

    assert reached["size"] < 10
    assert reached["headers"]["x-body-left-out"] == "yes"
    assert reached["headers"]["x-request-id"] == "kept"


def test_a_flood_at_any_other_path_is_refused_at_the_door(web: str) -> None:
    answer = httpx.post(web, content=bytes(10_000_000))

    assert answer.status_code == 413
    assert answer.json() == {"detail": "The request body is too large."}
    assert answer.headers["X-Request-Id"]


def test_nobody_but_the_front_door_says_that_a_body_was_left_out(web: str) -> None:
    assert "x-body-left-out" not in httpx.post(web, headers={"X-Body-Left-Out": "yes"}).json()["headers"]


def test_absent_web_processes_are_a_503_with_a_time_to_come_back(door: tuple[str, Path]) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = httpx.post(door[0], headers={"traceparent": trace})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.json()["detail"].startswith("The service is not available at the moment.")
    assert answer.headers["traceparent"] == trace
    assert len(answer.headers["X-Request-Id"]) == 36


def test_static_files_are_served_without_the_application(door: tuple[str, Path]) -> None:
    answer = httpx.get(f"{door[0]}/static/style.css")

    assert answer.text == "a { color: red }"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Server" not in answer.headers
