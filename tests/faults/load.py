"""Light load through the front door, and the book of what was promised under it."""

import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType

import httpx

from tests.stack.runs import until

WRITERS = 2
PAUSE = 0.02


@dataclass
class Load:
    """Clients that log sessions, each again under its `Idempotency-Key` until it is answered 201, and read between.

    `promised` maps each external id to the session's id; `broken` lists every answer that is neither 2xx nor a 503
    with `Retry-After`.
    """

    url: str
    key: str
    member_id: str
    promised: dict[str, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> "Load":
        self._threads = [threading.Thread(target=self._work) for _ in range(WRITERS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def goes_on(self, more: int = 20) -> None:
        """Wait until so many further sessions have been promised."""
        wanted = len(self.promised) + more
        until(lambda: len(self.promised) >= wanted, f"{more} more sessions; answers so far {dict(self.answers)}")

    def refused(self) -> int:
        return self.answers[503]

    def _work(self) -> None:
        with httpx.Client(base_url=f"{self.url}/api/v2", headers={"X-API-Key": self.key}, timeout=60) as client:
            while not self._stop.is_set():
                self._log_a_session(client)
                self._note(client, client.build_request("GET", f"/members/{self.member_id}/"))

    def _log_a_session(self, client: httpx.Client) -> None:
        """Tried again even after the end of the load, so that nothing is left in doubt."""
        external_id = str(uuid.uuid4())
        session = {
            "member_id": self.member_id,
            "external_id": external_id,
            "session_type": "individual",
            "modality": "video",
            "started_at": "2026-03-02T09:00:00Z",
        }
        headers = {"Idempotency-Key": external_id}
        while external_id not in self.promised:
            answer = self._note(client, client.build_request("POST", "/sessions/", json=session, headers=headers))
            if answer is not None and answer.status_code == 201:
                self.promised[external_id] = answer.json()["id"]
            elif answer is None or answer.status_code != 503:
                return
            self._stop.wait(PAUSE)

    def _note(self, client: httpx.Client, request: httpx.Request) -> httpx.Response | None:
        try:
            answer = client.send(request)
        except httpx.TransportError as error:
            self.broken.append(f"{request.method} {request.url.path}: {error!r}")
            return None
        self.answers[answer.status_code] += 1
        fine = answer.is_success or (answer.status_code == 503 and int(answer.headers.get("Retry-After", 0)) > 0)
        if not fine:
            self.broken.append(f"{request.method} {request.url.path}: {answer.status_code} {answer.text[:200]}")
        return answer
