"""Check that every signed note says what was signed; name each that does not.

Signatures from before digests were kept have none: `--complete` keeps one of what their notes say now.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.audit import recording as audit
from apps.core.actor import system_actor
from apps.notes import digests
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant
from apps.vault.errors import KeyErased


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="only this tenant")
        parser.add_argument("--complete", action="store_true", help="keep a digest where there is none")

    def handle(self, *args: Any, **options: Any) -> None:
        tenants = Tenant.objects.order_by("slug")
        if options["tenant"]:
            tenants = tenants.filter(slug=options["tenant"])
            if not tenants:
                raise CommandError(f"There is no tenant {options['tenant']}.")
        faults = sum(
            self._verify(tenant, complete=options["complete"])
            for tenant in tqdm(list(tenants), desc="verifying", unit="tenant", disable=None)
        )
        if faults:
            raise CommandError(f"{faults} signed notes are not known to be as they were signed.")
        self.stdout.write("Every signed note is as it was signed.")

    def _verify(self, tenant: Tenant, *, complete: bool) -> int:
        """Names the tenant's faults and returns how many there are."""
        faults = 0
        with acting_as(system_actor(tenant.id, door="command")):
            try:
                for fault in digests.verify(tenant.id, complete=complete):
                    faults += 1
                    self.stdout.write(f"{tenant.slug}: note {fault.note_id}: {fault.what}")
            except KeyErased:
                self.stdout.write(f"{tenant.slug}: its data was erased")
            audit.record("note.verified", reason="operator", details={"faults": faults})
        return faults
