"""Make the demo, once; bring its way in up to date at every start."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from apps.demo import way_in
from apps.demo.seeding import ensure_demo


class Command(BaseCommand):
    help = "Makes two vendors with a year behind them, once, and writes DATA_DIR/demo.json."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", metavar="URL", help="where the front door is (default: this machine at PORT)")

    def handle(self, *args: Any, **options: Any) -> None:
        made = ensure_demo(way_in.base_url(options["base_url"]), progress=sys.stderr.isatty())
        self.stdout.write(f"demo made; the ways in are in {way_in.demo_file()}" if made else "demo is up to date")
