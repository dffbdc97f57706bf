"""What the commands about one key share: which vendor's it is, and which."""

import uuid
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.actor import system_actor
from apps.core.errors import DomainError
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant


class KeyCommand(BaseCommand):
    """A command about the key `--key` of the vendor `--vendor`."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--vendor", required=True, metavar="SLUG")
        parser.add_argument(
            "--key", required=True, type=uuid.UUID, metavar="ID", help="the key's id, as its page has it"
        )
        parser.add_argument("--sandbox", action="store_true", help="a test key, of the vendor's sandbox")

    @contextmanager
    def working(self, options: dict[str, Any]) -> Iterator[uuid.UUID]:
        """Act inside the key's tenant; what the domain refuses becomes one sentence."""
        tenant = Tenant.objects.filter(slug=options["vendor"], kind=Tenant.Kind.VENDOR, is_sandbox=False).first()
        if tenant is None:
            raise CommandError(f"There is no vendor {options['vendor']}.")
        tenant_id = tenant.twin_id if options["sandbox"] and tenant.twin_id else tenant.id
        try:
            with acting_as(system_actor(tenant_id, door="command")):
                yield options["key"]
        except DomainError as error:
            raise CommandError(error.message) from None
