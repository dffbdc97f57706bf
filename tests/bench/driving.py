"""A client that costs little itself: open UNIX sockets in one thread of a process of its own, requests made beforehand."""

from __future__ import annotations

import multiprocessing
import select
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

PIECE = 256 * 1024


@dataclass(frozen=True)
class Round:
    """One side's answers to one batch of requests: how long all took, and each, in seconds."""

    seconds: float
    latencies: list[float]


class Driver:
    """Sends batches from its own process, so that the measuring costs both sides the same."""

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._process = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.shutdown()

    def drive(self, path: Path, requests: Sequence[bytes], *, status: int) -> Round:
        """Send the requests over the server's socket and wait for all answers, which must have this status."""
        return self._process.submit(send, str(path), requests, self._connections, status).result()


def request(method: str, path: str, key: str, body: bytes = b"") -> bytes:
    """One request of the Vendor API, ready to send."""
    lines = [f"{method} /api/v2{path} HTTP/1.1", "Host: 127.0.0.1:8000", f"X-API-Key: {key}", "Accept: */*"]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send(path: str, requests: Sequence[bytes], connections: int, status: int) -> Round:
    """Keep `connections` requests in flight until all are answered. Raises `RuntimeError` on any other status."""
    wanted = f"HTTP/1.1 {status} ".encode()
    poll = select.epoll() if hasattr(select, "epoll") else None
    if poll is None:
        raise RuntimeError("The measurements need Linux.")
    open_sockets = [_connected(path) for _ in range(connections)]
    by_number = {each.fileno(): each for each in open_sockets}
    left = iter(requests)
    sent_at: dict[int, float] = {}
    received: dict[int, bytes] = {}
    latencies: list[float] = []

    def send_next(number: int) -> None:
        data = next(left, None)
        if data is None:
            poll.unregister(number)
            sent_at.pop(number, None)
            return
        received[number] = b""
        sent_at[number] = clock()
        by_number[number].sendall(data)

    clock = time.perf_counter
    started = clock()
    for number in by_number:
        poll.register(number, select.EPOLLIN)
        send_next(number)
    while sent_at:
        for number, _ in poll.poll():
            received[number] += by_number[number].recv(PIECE)
            answer = received[number]
            if not is_whole(answer):
                continue
            latencies.append(clock() - sent_at[number])
            if not answer.startswith(wanted):
                raise RuntimeError(f"Not {status} but {answer[:400]!r}")
            send_next(number)
    seconds = clock() - started
    for each in open_sockets:
        each.close()
    return Round(seconds, latencies)


def _connected(path: str) -> socket.socket:
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.connect(path)
    return made


def is_whole(answer: bytes) -> bool:
    """Whether the answer has come to its end, of a stated length or in chunks. Raises when nothing came at all."""
    if not answer:
        raise RuntimeError("The server closed the connection.")
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = answer[:end].lower()
    at = head.find(b"content-length: ")
    if at < 0:
        return answer.endswith(b"0\r\n\r\n")
    length = int(head[at + 16 :].split(b"\r", 1)[0])
    return len(answer) - end - 4 >= length
