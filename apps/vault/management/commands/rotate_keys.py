"""Bring every tenant's protected data under a new data key, wrapped by the first key of FIELD_ENCRYPTION_KEY.

Runs beside everything else. Ctrl-C stops it after the batch at hand; the next run goes on from there.
"""

import signal
from argparse import ArgumentParser
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.core.actor import Actor, system_actor
from apps.core.errors import DomainError
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant
from apps.vault import actions, rotation
from apps.vault.models import RotationProgress

Begun = list[tuple[Actor, list[RotationProgress]]]
STOPPED = "Stopped. What is done stays done; run rotate_keys again to go on."


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="only this tenant")

    def handle(self, *args: Any, **options: Any) -> None:
        tenants = actions.tenants_with_keys(options["tenant"])
        if options["tenant"] and not tenants:
            raise CommandError(f"There is no tenant {options['tenant']} with protected data.")
        stop = Event()

        def on_signal(number: int, frame: FrameType | None) -> None:
            stop.set()

        before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            unreadable = self._rotate(tenants, stop)
        except DomainError as error:
            raise CommandError(error.message) from None
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        if unreadable:
            raise CommandError("Values that did not open were left as they are: " + "; ".join(unreadable) + ".")
        self.stdout.write(f"{len(tenants)} tenants stand under new keys.")

    def _rotate(self, tenants: list[Tenant], stop: Event) -> list[str]:
        """Names the columns with values that did not open. Raises `CommandError` when it was stopped."""
        begun: Begun = []
        for tenant in tenants:
            if stop.is_set():
                raise CommandError(STOPPED)
            actor = system_actor(tenant.id, door="command")
            columns = actions.begin_rotation(actor=actor)
            begun.append((actor, columns))
            left = sum(max(0, progress.total - progress.done) for progress in columns)
            with tqdm(total=left, desc=tenant.slug, unit="value", file=self.stderr, disable=None) as bar:
                if not actions.seal_anew(columns, actor=actor, stopped=stop.is_set, looked=bar.update):
                    raise CommandError(STOPPED)
        self._let_all_know(begun, stop)
        for actor, columns in begun:
            if not actions.finish_rotation(columns, actor=actor, stopped=stop.is_set):
                raise CommandError(STOPPED)
        done = [progress for _, columns in begun for progress in columns]
        return [
            f"{progress.unreadable} in {progress.table}.{progress.column}" for progress in done if progress.unreadable
        ]

    def _let_all_know(self, begun: Begun, stop: Event) -> None:
        """Wait until no other process can still use an old key."""
        seconds = max((self._seconds(actor, columns[0]) for actor, columns in begun if columns), default=0.0)
        if seconds:
            self.stderr.write(f"Waiting {seconds:.0f} s until every process has the new keys.")
        if seconds and stop.wait(seconds):
            raise CommandError(STOPPED)

    def _seconds(self, actor: Actor, progress: RotationProgress) -> float:
        with acting_as(actor, durable=False):
            return rotation.seconds_until_all_know(progress)
