"""`manage.py up` as `manage.py help` lists it; manage.py itself runs it before the settings load."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.stack.up import main


class Command(BaseCommand):
    help = "Starts everything on this machine and keeps it running; Ctrl-C stops it."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        code = main([])
        if code:
            raise CommandError("The stack could not run.", returncode=code)
