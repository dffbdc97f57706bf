"""What the commands about one vendor share."""

import uuid
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from apps.core.actor import system_actor
from apps.core.errors import DomainError
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID, Tenant


class VendorCommand(BaseCommand):
    """Does the operator's `verb` to the vendor `--vendor`, live and sandbox, and says that it is `done`."""

    verb: ClassVar[Callable[..., None]]
    done: ClassVar[str]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--vendor", required=True, metavar="SLUG")

    def handle(self, *args: Any, **options: Any) -> None:
        slug: str = options["vendor"]
        tenant = Tenant.objects.filter(slug=slug, kind=Tenant.Kind.VENDOR, is_sandbox=False).first()
        tenant_id: uuid.UUID | None = tenant.id if tenant else None
        if tenant_id is None:
            raise CommandError(f"There is no vendor {slug}.")
        try:
            with acting_as(system_actor(PLATFORM_ID, door="command")):
                type(self).verb(tenant_id=tenant_id)
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(f"{slug} and its sandbox are {self.done}.")
