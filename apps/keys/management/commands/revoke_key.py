"""End an API key now: its next request is refused, on every server."""

from typing import Any

from apps.keys.actions import revoke
from apps.keys.commands import KeyCommand


class Command(KeyCommand):
    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        with self.working(options) as key_id:
            key = revoke(key_id=key_id)
        self.stdout.write(f"{key.shown}… is revoked.")
