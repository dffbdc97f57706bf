"""The stream processes: server-sent events and nothing else."""

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import django
from django.core.handlers.asgi import ASGIHandler

from apps.stack.checks import refuse_unsafe_database


class StreamHandler(ASGIHandler):
    """Opens every stream in one thread, and so over one database connection.

    Django gives each request a thread of its own, and that thread's connection lives as long as the request: two
    thousand open streams would hold two thousand connections.
    """

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[Mapping[str, Any]]],
        send: Callable[[Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            raise ValueError(f"Only HTTP is spoken here, not {scope['type']}.")
        await self.handle(scope, receive, send)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

django.setup(set_prefix=False)
application = StreamHandler()
refuse_unsafe_database()
