"""Make a key with the settings of another, print it once, and let the old one die after an overlap."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from apps.keys.actions import rotate
from apps.keys.commands import KeyCommand


class Command(KeyCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--overlap", type=float, default=24.0, metavar="HOURS", help="0 to 168 for which the old key lives on (24)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with self.working(options) as key_id:
            _, presented = rotate(key_id=key_id, overlap=timedelta(hours=options["overlap"]))
        self.stdout.write(presented)
