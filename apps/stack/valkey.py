"""Valkey 9 from its wheel: cache, limits, wake-ups and the broker. Its append-only file keeps queued work."""

from __future__ import annotations

from dataclasses import dataclass

import redis

from apps.stack import processes
from apps.stack.errors import CannotStart
from apps.stack.places import Places, valkey_program
from apps.stack.processes import Child

_START_SECONDS = 30
_STOP_SECONDS = 10


@dataclass
class ValkeyServer:
    """One Valkey over `places`, on a socket only."""

    places: Places
    child: Child | None = None
    name: str = "valkey"

    @property
    def url(self) -> str:
        return f"unix://{self.places.sockets}/valkey.sock?db=0"

    def start(self) -> None:
        """Start the server and wait until it answers. Raises `CannotStart` when it does not."""
        log = self.places.logs / "valkey.log"
        processes.rotate(log)
        data = self.places.valkey_data
        options = {
            "port": "0",
            "unixsocket": f"{self.places.sockets}/valkey.sock",
            "unixsocketperm": "700",
            "dir": str(data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            # Evicting a key could drop queued work; everything that may go has its own expiry.
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "logfile": "",
        }
        command = [str(valkey_program())]
        for name, value in options.items():
            command += [f"--{name}", value]
        id_file = self.places.process_ids / "valkey.pid"
        self.child = processes.spawn("valkey", command, log=log, id_file=id_file, folder=data)
        if not processes.wait_until(self._answers, self.child, seconds=_START_SECONDS):
            said = processes.telling_line(self.child)
            self.stop()
            raise CannotStart(
                f"Valkey does not start from {data} (its log {log} ends with: {said}); "
                "move that folder away to begin with an empty queue."
            )

    def stop(self) -> None:
        """Stop the server, its append-only file written out; kill it after 10 seconds."""
        if self.child is not None:
            processes.stop(self.child, grace=_STOP_SECONDS)
            self.child = None

    def _answers(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
