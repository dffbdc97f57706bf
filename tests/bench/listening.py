"""How soon open streams hear of an event: one process with one event loop holds them all and logs the sessions."""

from __future__ import annotations

import asyncio
import multiprocessing
import re
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.bench.driving import is_whole, request

STREAMS_OF_A_KEY = 5
OPENING_SECONDS = 60
HEARING_SECONDS = 10
PAUSE = 0.2
_SESSION = re.compile(rb'"session_id":"([0-9a-f-]{36})"')


def hear(stream: Path, web: Path, keys: Sequence[str], streams: int, bodies: Sequence[bytes]) -> list[float]:
    """Seconds from asking for a session to be logged to hearing of it, for each session and stream."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        return process.submit(_run, str(stream), str(web), keys, streams, bodies).result()


def _run(stream: str, web: str, keys: Sequence[str], streams: int, bodies: Sequence[bytes]) -> list[float]:
    return asyncio.run(_listen(stream, web, keys, streams, bodies))


async def _listen(stream: str, web: str, keys: Sequence[str], streams: int, bodies: Sequence[bytes]) -> list[float]:
    heard: list[tuple[bytes, float]] = []
    own_keys = [keys[1 + number // STREAMS_OF_A_KEY] for number in range(streams)]
    async with asyncio.timeout(OPENING_SECONDS):
        opened = await asyncio.gather(*(_open(stream, key) for key in own_keys))
    listeners = [asyncio.create_task(_note(reader, heard)) for reader, _ in opened]
    asked: dict[bytes, float] = {}
    reader, writer = await asyncio.open_unix_connection(web)
    for body in bodies:
        started = time.perf_counter()
        writer.write(request("POST", "/sessions/", keys[0], body))
        answer = await reader.read(65536)
        while not is_whole(answer):
            answer += await reader.read(65536)
        found = re.search(rb'"id":"([0-9a-f-]{36})"', answer)
        if found is None:
            raise RuntimeError(f"No session was logged: {answer[:300]!r}")
        asked[found[1]] = started
        await asyncio.sleep(PAUSE)
    deadline = time.perf_counter() + HEARING_SECONDS
    while len(heard) < len(asked) * streams and time.perf_counter() < deadline:
        await asyncio.sleep(0.05)
    for listener in listeners:
        listener.cancel()
    for _, each in opened:
        each.close()
    writer.close()
    if len(heard) != len(asked) * streams:
        raise RuntimeError(f"{len(heard)} of {len(asked) * streams} events were heard.")
    return [at - asked[session] for session, at in heard]


async def _open(path: str, key: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(request("GET", "/events/stream/", key))
    await reader.readuntil(b"retry: 2000")
    return reader, writer


async def _note(reader: asyncio.StreamReader, heard: list[tuple[bytes, float]]) -> None:
    while True:
        line = await reader.readline()
        if not line:
            return
        found = _SESSION.search(line)
        if found is not None:
            heard.append((found[1], time.perf_counter()))
