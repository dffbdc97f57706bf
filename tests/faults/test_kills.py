"""Killing parts under load: nothing promised is lost or doubled, every answer is one, and all heals by itself."""

import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from apps.stack.places import PROJECT_ROOT, Places
from apps.stack.postgres import SUPERUSER, PostgresServer
from tests.faults.load import Load
from tests.stack.runs import Run, newcomer, until

pytestmark = pytest.mark.faults


@dataclass
class Stack:
    """A whole run with a vendor in it."""

    run: Run
    key: str
    member_id: str
    tenant_id: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.run.port}"

    def load(self) -> Load:
        return Load(self.url, self.key, self.member_id)

    def get(self, path: str, **query: str | int) -> Any:
        answer = httpx.get(f"{self.url}/api/v2{path}", params=query, headers={"X-API-Key": self.key}, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sessions(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        while page := self.get("/sessions/", limit=100, offset=len(found))["results"]:
            found += [(each["external_id"], each["id"]) for each in page]
        return found

    def ready(self) -> dict[str, Any]:
        found: dict[str, Any] = self.run.get("/readyz")[1]
        return found

    def says(self, status: str, **parts: object) -> bool:
        """Whether `/readyz` says this. To be waited for: each web worker keeps what it found for a moment."""
        found = self.ready()
        return bool(found["status"] == status and found["parts"].items() >= parts.items())

    def until_ready(self) -> None:
        until(lambda: self.ready()["status"] == "ready", f"ready again; last {self.ready()}")

    def web(self) -> set[int]:
        return {each.pid for each in self.run.part("granian", "web.sock").children()}

    def has_replaced(self, victim: int, amount: int) -> bool:
        found = self.web()
        return victim not in found and len(found) == amount

    def workers(self, *, whole: bool) -> list[psutil.Process]:
        """The process that does the jobs; with `whole` also the one that hands them out, and beat."""
        worker = self.run.part("celery", "worker")
        return [*worker.children(), *([worker, self.run.part("celery", "beat")] if whole else [])]

    def database(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(PostgresServer(Places.of(self.run.data_dir)).url(SUPERUSER), autocommit=True)

    @contextmanager
    def nothing_is_revived(self) -> Iterator[None]:
        """Hold the supervisor still, so that what is killed stays away for as long as the test looks."""
        self.run.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.run.process.send_signal(signal.SIGCONT)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    run = Run.start(tmp_path_factory.mktemp("faults") / "data")
    environment = newcomer(run.data_dir, run.port, DJANGO_SETTINGS_MODULE="config.settings", LOG_LEVEL="ERROR")
    command = [sys.executable, "-m", "tests.faults.opening"]
    opened = subprocess.run(command, env=environment, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, check=True)
    yield Stack(run, **json.loads(opened.stdout))
    run.end(signal.SIGTERM)


@pytest.fixture
def stack(started: Stack) -> Stack:
    started.until_ready()
    return started


def everything_promised_is_kept(stack: Stack, load: Load) -> None:
    assert load.broken == []
    assert set(load.answers) <= {200, 201, 503}
    kept = Counter(stack.sessions())
    assert {external_id: kept[external_id, id] for external_id, id in load.promised.items()} == dict.fromkeys(
        load.promised, 1
    )
    assert max(Counter(external_id for external_id, _ in kept).values()) == 1
    logged = Counter(event["data"]["session_id"] for event in every_event(stack, "session.logged"))
    assert {logged[id] for id in load.promised.values()} == {1}


def every_event(stack: Stack, kind: str) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while results := stack.get("/events/", type=kind, limit=100, **cursor)["results"]:
        yield from results
        cursor = {"after": results[-1]["id"]}


def test_web_workers_killed_under_load_lose_nothing(stack: Stack) -> None:
    with stack.load() as load:
        for _ in range(3):
            load.goes_on()
            before = stack.web()
            victim = min(before)
            psutil.Process(victim).kill()
            until(partial(stack.has_replaced, victim, len(before)), "as many web workers as before")
        load.goes_on()
    everything_promised_is_kept(stack, load)


def test_without_valkey_requests_are_answered_and_readyz_says_so(stack: Stack) -> None:
    web = stack.web()
    with stack.load() as load:
        load.goes_on()
        with stack.nothing_is_revived():
            stack.run.part("valkey-server").kill()
            until(lambda: stack.says("degraded", limits="per-process"), "readyz says what is down")
            refused = load.refused()
            load.goes_on()
            assert load.refused() == refused == 0
        stack.until_ready()
        load.goes_on()
    everything_promised_is_kept(stack, load)
    until(lambda: stack.says("ready", limits="shared"), "limits are shared again")
    assert stack.web() == web


def test_without_postgresql_every_answer_is_a_503_until_it_is_back(stack: Stack) -> None:
    web = stack.web()
    with stack.load() as load:
        load.goes_on()
        with stack.nothing_is_revived():
            stack.run.part("postgres", "-D").kill()
            until(lambda: stack.run.get("/readyz")[0] == 503, "readyz refuses")
            until(lambda: stack.says("unavailable", database={"status": "down"}), "readyz says what is down")
            refused = load.refused()
            until(lambda: load.refused() >= refused + 4, "requests are refused, not left waiting")
            assert stack.run.get("/healthz")[0] == 200
        stack.until_ready()
        load.goes_on()
    everything_promised_is_kept(stack, load)
    assert stack.web() == web


@pytest.mark.parametrize("whole", [False, True], ids=["its process", "all of it"])
def test_a_worker_killed_in_the_middle_of_a_job_does_it_once_more_with_one_effect(stack: Stack, whole: bool) -> None:
    flag = {"member_id": stack.member_id, "category": "self_harm", "severity": "critical", "description": "x"}
    headers = {"X-API-Key": stack.key}
    flag_id = httpx.post(f"{stack.url}/api/v2/crisis-flags/", json=flag, headers=headers).json()["id"]
    with stack.database() as database:
        with stack.database() as holding, holding.transaction():
            # Whoever appends an event for the vendor now waits, and the job does that at its very end.
            holding.execute("SELECT FROM events_head WHERE tenant_id = %s FOR UPDATE", [stack.tenant_id])
            overdue = "UPDATE crisis_crisisflag SET escalate_at = now() - interval '1 s' WHERE id = %s"
            database.execute(overdue, [flag_id])
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'events_append'"
            until(lambda: database.execute(waiting).fetchone() != (0,), "the job is in its middle")
            for victim in stack.workers(whole=whole):
                victim.kill()
        steps = "SELECT count(*) FROM crisis_escalationstep WHERE flag_id = %s"
        until(lambda: database.execute(steps, [flag_id]).fetchone() != (0,), "the job was done once more")
        stack.until_ready()
        assert database.execute(steps, [flag_id]).fetchone() == (1,)
    told = [each for each in every_event(stack, "crisis.escalated") if each["data"]["crisis_flag_id"] == flag_id]
    assert [each["data"]["level"] for each in told] == [1]


def test_a_worker_that_stays_away_is_named_and_requests_go_on(stack: Stack) -> None:
    victims = stack.workers(whole=True)
    with stack.load() as load:
        with stack.nothing_is_revived():
            for victim in victims:
                victim.kill()
            until(lambda: stack.says("degraded", worker={"status": "gone"}), "readyz says that the worker is gone")
            load.goes_on()
        stack.until_ready()
    everything_promised_is_kept(stack, load)
    assert load.refused() == 0
