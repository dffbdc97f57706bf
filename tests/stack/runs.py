"""A whole run of `manage.py up` in a folder of its own, as a newcomer's shell would start it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from apps.stack.places import PROJECT_ROOT

_SET_BY_THE_TESTS = (
    "DATABASE_URL",
    "OWNER_DATABASE_URL",
    "VALKEY_URL",
    "SECRET_KEY",
    "FIELD_ENCRYPTION_KEY",
    "KEY_PEPPER",
)
_PATIENCE = 90

UP = (sys.executable, str(PROJECT_ROOT / "manage.py"), "up")


def newcomer(data_dir: Path, port: int, **more: str) -> dict[str, str]:
    """The environment of a shell in which nothing but the folder and the port is set; no demo, for speed."""
    left_out = {*_SET_BY_THE_TESTS, "APP_ROLE", "PYTHONDONTWRITEBYTECODE"}
    ours = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**ours, "DATA_DIR": str(data_dir), "PORT": str(port), "DEMO": "0", **more}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for `holds()`; the patience is for slow machines and decides nothing."""
    deadline = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"never came about: {what}"
        time.sleep(0.05)


def refusal(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `up` where it has to give up by itself."""
    return subprocess.run(UP, env=environment, capture_output=True, text=True, timeout=_PATIENCE, check=False)


@dataclass
class Run:
    """A running `up`."""

    data_dir: Path
    port: int
    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, data_dir: Path, command: Sequence[str] = UP, **more: str) -> "Run":
        port = free_port()
        with (data_dir.parent / "up.log").open("wb") as log:
            process = subprocess.Popen(
                command,
                env=newcomer(data_dir, port, **more),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        run = cls(data_dir, port, process)
        # A part that dies before it says so is a failed start, and not one that is started again.
        until(lambda: run.answers() and "everything runs" in run.said(), "everything runs")
        return run

    def said(self) -> str:
        return (self.data_dir.parent / "up.log").read_text()

    def answers(self) -> bool:
        assert self.process.poll() is None, self.said()
        try:
            return self.get("/healthz")[0] == 200
        except httpx.TransportError:
            return False

    def get(self, path: str) -> tuple[int, Any]:
        answer = httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)
        return answer.status_code, answer.json()

    def parts(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def part(self, *words: str) -> psutil.Process:
        """The direct child whose command line holds every one of `words`; one that is just being started is waited for."""
        until(lambda: self._children(words) != [], f"a part with {' '.join(words)}")
        return self._children(words)[0]

    def _children(self, words: tuple[str, ...]) -> list[psutil.Process]:
        found = []
        for each in psutil.Process(self.process.pid).children():
            with suppress(psutil.NoSuchProcess):
                if all(word in " ".join(each.cmdline()) for word in words):
                    found.append(each)
        return found

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(_PATIENCE)
