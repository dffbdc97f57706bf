"""Starts every part in order, starts again what dies, stops all of them in reverse order, and leaves nothing.

Whatever ends this process, no part stays: it stops them itself on Ctrl-C, SIGTERM and SIGHUP; the kernel stops them
when it is killed; and the next start ends what even that has missed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol

import psutil

from apps.stack import processes
from apps.stack.errors import CannotStart
from apps.stack.processes import Child

_PR_SET_CHILD_SUBREAPER = 36
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOOK_SECONDS = 0.2
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 8.0
_DEATHS_ALLOWED = 5
_WITHIN_SECONDS = 60.0


class StopRequested(BaseException):
    """Raised in the main thread, wherever it is, by Ctrl-C, SIGTERM and SIGHUP."""


class Part(Protocol):
    """What the supervisor needs of a part; servers and plain programs both have it."""

    @property
    def name(self) -> str: ...
    @property
    def child(self) -> Child | None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


@dataclass
class _Deaths:
    """When a part died within the last minute, and when it may start again."""

    times: deque[float] = field(default_factory=deque)
    start_at: float = 0.0

    def note(self, now: float) -> float:
        """Count one more; returns the pause before the next start, twice as long each time."""
        self.times.append(now)
        while self.times[0] < now - _WITHIN_SECONDS:
            self.times.popleft()
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (len(self.times) - 1))
        self.start_at = now + pause
        return pause


class Supervisor:
    """Holds the running parts in the order in which they were started."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._parts: list[Part] = []
        self._deaths: dict[str, _Deaths] = {}
        self._make = make_above()

    def start(self, part: Part) -> None:
        """Start `part` and watch it from now on. Raises what its start raises."""
        # Noted first: a stop that comes in the middle of its start has to reach it too.
        self._parts.append(part)
        part.start()

    def wait_until(self, ready: Callable[[], bool], what: str, *, seconds: float) -> None:
        """Wait until `ready()`. Raises `CannotStart` when a part dies meanwhile, or when it takes too long."""
        deadline = time.monotonic() + seconds
        while not ready():
            for part in self._parts:
                if part.child is not None and not part.child.is_running():
                    raise CannotStart(_death_notice(part.name, part.child, "ended while starting"))
            if time.monotonic() > deadline:
                children = [part.child for part in self._parts if part.name == what and part.child is not None]
                said = processes.telling_line(children[0]) if children else ""
                raise CannotStart(f"{what} did not answer within {seconds:.0f} seconds: {said or 'its log is silent'}.")
            time.sleep(0.05)

    def watch(self) -> None:
        """Look after the parts for ever. Raises `CannotStart` when one dies more than five times in a minute.

        Raises `StopRequested` as well when the `make` that started this was interrupted by itself.
        """
        while True:
            if self._make is not None and make_was_interrupted(self._make):
                raise StopRequested
            for part in self._parts:
                if part.child is None or not part.child.is_running():
                    self._revive(part)
            time.sleep(_LOOK_SECONDS)

    def stop(self) -> None:
        """Stop every part, last started first; then end whatever else still runs below this process."""
        for part in reversed(self._parts):
            part.stop()
        self._parts.clear()
        left = processes.descendants(os.getpid())
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=5)

    def _revive(self, part: Part) -> None:
        deaths = self._deaths.setdefault(part.name, _Deaths())
        now = time.monotonic()
        if part.child is not None:
            child = part.child
            pause = deaths.note(now)
            if len(deaths.times) > _DEATHS_ALLOWED:
                raise CannotStart(_death_notice(part.name, child, f"ended {len(deaths.times)} times within a minute"))
            self._say(f"{part.name} ended ({_how(child)}); starting it again in {pause:g} s")
            # Takes what the dead part left running with it, so that two of a kind never run side by side.
            part.stop()
            reap_strangers({part.child.process.pid for part in self._parts if part.child is not None})
        elif now >= deaths.start_at:
            try:
                part.start()
            except CannotStart as error:
                deaths.note(now)
                if len(deaths.times) > _DEATHS_ALLOWED:
                    raise
                self._say(str(error))
                part.stop()


def _how(child: Child) -> str:
    code = child.process.returncode
    if code is not None and code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit {code}"


def _death_notice(name: str, child: Child, what: str) -> str:
    said = processes.telling_line(child)
    return f"{name} {what} ({_how(child)}): {said or 'it said nothing'}. Its log is {child.log}."


def make_above() -> int | None:
    """The process id of the `make` whose recipe this process is, where it catches an interrupt (Linux only)."""
    parent = os.getppid()
    try:
        name = Path(f"/proc/{parent}/comm").read_text().strip()
        catches = "SigCgt" in _sets_with_interrupt(parent)
    except OSError:
        return None
    return parent if name in {"make", "gmake"} and catches else None


def make_was_interrupted(make: int) -> bool:
    """Whether `make` was sent an interrupt that its recipe was not, as `kill -INT` does, other than Ctrl-C.

    It passes none on, takes its own handler away, and waits for the recipe to end, which otherwise never would.
    """
    try:
        return "SigCgt" not in _sets_with_interrupt(make)
    except OSError:
        return False


def _sets_with_interrupt(pid: int) -> set[str]:
    lines = (line.split(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "Sig" in line)
    bit = 1 << (signal.SIGINT - 1)
    return {name for name, value in lines if name in {"SigBlk", "SigIgn", "SigCgt"} and int(value, 16) & bit}


def adopt_orphans() -> None:
    """Make this process the parent of every orphan below it, so that none slips out of sight (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_strangers(ours: Collection[int]) -> None:
    """Collect adopted orphans that have ended; our own children are collected by their handles, which tell how."""
    for process in psutil.Process().children():
        if process.pid in ours:
            continue
        with suppress(psutil.NoSuchProcess, ChildProcessError):
            if process.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(process.pid, os.WNOHANG)


def raise_on_stop_signals() -> None:
    """From now on the stop signals raise `StopRequested` in the main thread."""

    def handler(number: int, frame: FrameType | None) -> None:
        raise StopRequested

    for number in _STOP_SIGNALS:
        signal.signal(number, handler)


def ignore_stop_signals() -> None:
    """From now on a second Ctrl-C does not interrupt the stopping."""
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
