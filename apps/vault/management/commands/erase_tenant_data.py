"""Destroy a tenant's keys, so that nothing protected of it can ever be opened again. There is no way back."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.actor import system_actor
from apps.core.errors import DomainError
from apps.tenants.models import Tenant
from apps.vault import actions


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--confirm", required=True, metavar="SLUG", help="the same slug once more")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"There is no tenant {options['tenant']}.")
        actor = system_actor(tenant.id, door="command")
        try:
            keys = actions.erase_tenant_data(tenant_id=tenant.id, actor=actor, confirmed_slug=options["confirm"])
        except DomainError as error:
            raise CommandError(error.message) from None
        if not keys:
            raise CommandError(f"{tenant.slug} has no protected data, or it was erased before.")
        self.stdout.write(f"{keys} keys of {tenant.slug} are destroyed; what they sealed cannot be opened any more.")
