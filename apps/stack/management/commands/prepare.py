"""`manage.py prepare`: what every release runs once before its programs start."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from psycopg import sql

from apps.stack.checks import refuse_unsafe_database
from apps.stack.errors import CannotStart


class Command(BaseCommand):
    help = "Migrates as the owner, collects the static files, and checks that the application's role is bound."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", database="owner", interactive=False, verbosity=options["verbosity"])
        # `/readyz` compares the applied migrations with those of the code that serves.
        with connections["owner"].cursor() as cursor:
            grant = sql.SQL("GRANT SELECT ON django_migrations TO {}").format(sql.Identifier(settings.APP_ROLE))
            cursor.execute(grant)
        call_command("collectstatic", interactive=False, verbosity=0)
        try:
            refuse_unsafe_database()
        except CannotStart as error:
            raise CommandError(str(error)) from error
