"""Check every tenant's sealed audit record; name each row that was altered, removed, added or reordered."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.audit.chain import verify
from apps.audit.models import Seal
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="only this tenant")

    def handle(self, *args: Any, **options: Any) -> None:
        tenants = Tenant.objects.order_by("slug")
        if options["tenant"]:
            tenants = tenants.filter(slug=options["tenant"])
            if not tenants:
                raise CommandError(f"There is no tenant {options['tenant']}.")
        faults = 0
        for tenant in tqdm(list(tenants), desc="verifying", unit="tenant", disable=None):
            with acting_as(system_actor(tenant.id, door="command")):
                for fault in verify():
                    faults += 1
                    row = f" row {fault.row_id}:" if fault.row_id else ""
                    self.stdout.write(f"{tenant.slug}: seal {fault.seal}:{row} {fault.what}")
                newest = Seal.objects.filter(tenant_id=tenant.id).order_by("-number").first()
            if newest:
                self.stdout.write(f"{tenant.slug}: {newest.number} seals, newest {bytes(newest.digest).hex()}")
        if faults:
            raise CommandError(f"{faults} faults found; the audit record is not as it was sealed.")
        self.stdout.write("The audit record is as it was sealed.")
