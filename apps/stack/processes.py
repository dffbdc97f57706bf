"""Child processes that do not outlive their parent, each in a process group of its own.

The kernel sends a child its stop signal when the parent dies in whatever way (Linux only). A group of its own keeps
a Ctrl-C in the terminal from reaching the children, so that they are stopped in order and not all at once. Process
ids are written down with their start time, so that the next start finds what an earlier one may have left.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from apps.stack.privileges import Account

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT = 8 * 1024 * 1024
_TAIL_BYTES = 16 * 1024
_POLL_SECONDS = 0.02
# `package.SomeError: what happened`, PostgreSQL's `FATAL:  …`, and what a management command refuses with.
_EXCEPTION = re.compile(r"([\w.]*(Error|CannotStart|ImproperlyConfigured): )|(.* FATAL: )")
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass
class Child:
    """A running part: its name, its process, and the signal that asks it to finish what it does and end."""

    name: str
    process: subprocess.Popen[bytes]
    stop_signal: signal.Signals
    id_file: Path
    log: Path
    log_from: int = 0

    def is_running(self) -> bool:
        return self.process.poll() is None


def spawn(
    name: str,
    command: Sequence[str | Path],
    *,
    log: Path,
    id_file: Path,
    environment: Mapping[str, str] | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    folder: Path | None = None,
    to_terminal: bool = False,
) -> Child:
    """Start `command` with its output appended to `log`, or left on this terminal. Call from the main thread: the
    kernel ties the child's life to the thread that made it."""
    with open(log, "ab", opener=_for_this_user_alone) as output:
        log_from = output.tell()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=None if to_terminal else output,
            stderr=None if to_terminal else subprocess.STDOUT,
            env=dict(environment if environment is not None else os.environ),
            cwd=folder,
            process_group=0,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_die_with_parent(os.getpid(), stop_signal),
        )
    with suppress(psutil.NoSuchProcess):
        id_file.write_text(f"{process.pid} {psutil.Process(process.pid).create_time()}")
    return Child(name, process, stop_signal, id_file, log, log_from)


def _for_this_user_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _die_with_parent(parent: int, stop_signal: signal.Signals) -> Callable[[], None] | None:
    libc = _libc
    if libc is None:
        return None

    def before_exec() -> None:
        # Runs after the change of account, which would have cleared the setting.
        libc.prctl(_PR_SET_PDEATHSIG, int(stop_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def stop(child: Child, *, grace: float) -> None:
    """Ask `child` to end, wait up to `grace` seconds, then kill it; then kill what it left behind in its group."""
    members = descendants(child.process.pid)
    if child.is_running():
        with suppress(ProcessLookupError):
            child.process.send_signal(child.stop_signal)
        try:
            child.process.wait(grace)
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
    clear_group(child, members)


def clear_group(child: Child, members: Sequence[psutil.Process] = ()) -> None:
    """Kill whatever a dead child left behind: its group, and those `members` that went to groups of their own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.process.pid, signal.SIGKILL)
    for member in members:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    psutil.wait_procs(members, timeout=5)
    child.id_file.unlink(missing_ok=True)


def descendants(pid: int) -> list[psutil.Process]:
    """Every process below `pid`, itself not included."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def end_leftovers(id_files: Path, *, grace: float) -> None:
    """End processes that an earlier run wrote down and did not stop, as after a SIGKILL or a power cut."""
    for id_file in sorted(id_files.glob("*.pid")):
        process = _written_down(id_file)
        if process is not None:
            members = process.children(recursive=True)
            with suppress(psutil.NoSuchProcess):
                process.terminate()
            _, alive = psutil.wait_procs([process, *members], timeout=grace)
            for survivor in alive:
                with suppress(psutil.NoSuchProcess):
                    survivor.kill()
            psutil.wait_procs(alive, timeout=grace)
        id_file.unlink(missing_ok=True)


def _written_down(id_file: Path) -> psutil.Process | None:
    try:
        pid, started = id_file.read_text().split()
        process = psutil.Process(int(pid))
        return process if abs(process.create_time() - float(started)) < 1 else None
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None


def wait_until(ready: Callable[[], bool], child: Child, *, seconds: float) -> bool:
    """Poll `ready` until it holds; False when the child ended or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        if not child.is_running():
            return False
        time.sleep(_POLL_SECONDS)
    return False


def rotate(log: Path) -> None:
    """Put a log that has grown past 8 MiB aside as `<name>.1`, replacing the one before."""
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))


def telling_line(child: Child) -> str:
    """What `child` said last that explains its end: its last exception, else its last line; empty if none."""
    try:
        with child.log.open("rb") as file:
            file.seek(max(child.log_from, child.log.stat().st_size - _TAIL_BYTES))
            lines = [line.strip() for line in file.read().decode(errors="replace").split("\n")]
    except OSError:
        return ""
    lines = [line for line in reversed(lines) if line]
    return next((line for line in lines if _EXCEPTION.match(line)), lines[0] if lines else "")
