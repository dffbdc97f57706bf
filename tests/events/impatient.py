"""The stream process with heartbeats that a test can wait for; otherwise as in real life."""

from apps.events import stream
from config.asgi import application

stream.HEARTBEAT_SECONDS = 0.5

__all__ = ["application"]
