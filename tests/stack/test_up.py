"""`manage.py up`: a whole run comes up, heals, and leaves nothing, however it ends."""

import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from apps.stack.places import PROJECT_ROOT, Places
from tests.stack.runs import Run, newcomer, refusal, until


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """A run that is only looked at."""
    shared = Run.start(tmp_path_factory.mktemp("shared") / "data")
    yield shared
    shared.end(signal.SIGTERM)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """A run to be broken."""
    run = Run.start(tmp_path / "data")
    yield run
    if run.process.poll() is None:
        run.end(signal.SIGTERM)


def test_only_this_user_may_speak_past_the_front_door(shared: Run) -> None:
    sockets = Places.of(shared.data_dir).sockets

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in sockets.glob("*.sock")}

    assert modes == {"web.sock": 0o600, "stream.sock": 0o600, "valkey.sock": 0o700}
    assert stat.S_IMODE(sockets.stat().st_mode) == 0o700


def test_what_the_parts_write_is_for_this_user_alone(shared: Run) -> None:
    written = [*(shared.data_dir / "logs").iterdir(), *shared.data_dir.glob("*.json"), *shared.data_dir.glob("beat*")]

    assert {"web.log", "secrets.json", "runtime.json"} <= {path.name for path in written}
    assert {path.name for path in written if path.stat().st_mode & 0o077} == set()


def test_every_part_is_ready_and_a_second_run_in_the_folder_is_refused(shared: Run) -> None:
    until(lambda: shared.get("/readyz")[1]["status"] == "ready", "all parts ready")

    parts = shared.get("/readyz")[1]["parts"]
    assert {name: part["status"] if isinstance(part, dict) else part for name, part in parts.items()} == {
        "database": "up",
        "valkey": "up",
        "limits": "shared",
        "worker": "up",
        "migrations": "applied",
        "row_security": "enforced",
    }
    second = refusal(newcomer(shared.data_dir, shared.port + 1))
    assert second.returncode == 1
    assert f"{shared.data_dir} is in use by another run" in second.stdout


def test_a_part_that_dies_is_started_again_and_ctrl_c_leaves_no_process(run: Run) -> None:
    killed = {
        "web": run.part("granian", "web.sock"),
        "postgres": run.part("postgres", "-D"),
        "valkey": run.part("valkey-server"),
        "worker": run.part("celery", "worker"),
        "beat": run.part("celery", "beat"),
    }
    dead = list(killed.values())
    for part in dead:
        part.kill()

    until(lambda: len({part.pid for part in run.parts()} & {part.pid for part in dead}) == 0, "the dead are gone")
    # Others may fall with what they lean on, so each of these is looked for by its name.
    until(lambda: all(f"{name} ended (SIGKILL)" in run.said() for name in killed), "each death was noticed")
    until(lambda: run.get("/readyz")[1].get("status") == "ready", "ready again")
    parts = run.parts()
    assert run.end(signal.SIGINT) == 0
    assert [part for part in parts if part.is_running()] == []
    assert "stopped; the data is kept" in run.said()
    assert not Places.of(run.data_dir).runtime.exists()


def test_an_interrupt_that_reaches_make_alone_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec {sys.executable} {PROJECT_ROOT / 'manage.py'} up\n")

    # Tests that run in the background may ignore interrupts, and whatever they start would do so too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    run = Run.start(tmp_path / "data", ["make", "-f", str(tmp_path / "Makefile"), "run"])
    signal.signal(signal.SIGINT, before)
    parts = run.parts()

    assert run.end(signal.SIGINT) == -signal.SIGINT
    assert [part for part in parts if part.is_running()] == []
    assert "stopped; the data is kept" in run.said()


def test_a_killed_supervisor_takes_its_parts_along_and_the_next_start_keeps_the_data(run: Run) -> None:
    parts = run.parts()
    secrets = (run.data_dir / "secrets.json").read_bytes()
    run.end(signal.SIGKILL)

    _, alive = psutil.wait_procs(parts, timeout=60)
    assert alive == []
    again = Run.start(run.data_dir)
    assert again.end(signal.SIGTERM) == 0
    assert (run.data_dir / "secrets.json").read_bytes() == secrets
