"""Make the demo, once; bring its way in up to date at every start. With `--members`, grow load data instead."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.demo import way_in
from apps.demo.load import grow
from apps.demo.seeding import ensure_demo


class Command(BaseCommand):
    help = "Makes two vendors with a year behind them, once, and writes DATA_DIR/demo.json; --members adds load data."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", metavar="URL", help="where the front door is (default: this machine at PORT)")
        parser.add_argument("--members", type=int, metavar="N", help="grow vendors load-1 … load-M to N members in all")
        parser.add_argument("--vendors", type=int, default=2, metavar="M", help="for --members (default 2)")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = sys.stderr.isatty()
        if options["members"] is not None:
            self._grow(options["members"], options["vendors"], progress=progress)
            return
        made = ensure_demo(way_in.base_url(options["base_url"]), progress=progress)
        self.stdout.write(f"demo made; the ways in are in {way_in.demo_file()}" if made else "demo is up to date")

    def _grow(self, members: int, vendors: int, *, progress: bool) -> None:
        if not 1 <= vendors <= members:
            raise CommandError("--vendors takes a number from 1 to that of --members.")
        try:
            added = grow(members=members, vendors=vendors, progress=progress)
        except KeyboardInterrupt:
            raise CommandError("Stopped; the same command goes on from here.") from None
        self.stdout.write(f"{added} members added; the key of load-1 is in {way_in.load_file()}")
