"""Issue an API key for a vendor and print it once."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.core.actor import system_actor
from apps.core.clock import now
from apps.core.errors import DomainError
from apps.keys.actions import issue
from apps.keys.models import SCOPES
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant

LARGEST_LIMIT = 1_000_000


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--vendor", required=True, metavar="SLUG")
        parser.add_argument(
            "--scopes", required=True, nargs="+", metavar="SCOPE", help=f"of {' '.join(SCOPES)}, or all"
        )
        parser.add_argument("--sandbox", action="store_true", help="a test key, for the vendor's sandbox")
        parser.add_argument("--expires", metavar="WHEN", help="an ISO 8601 date or instant")
        parser.add_argument("--networks", nargs="*", default=[], metavar="CIDR")
        parser.add_argument("--limit", type=_at_least_one, default=100, help="requests a minute (default 100)")
        parser.add_argument("--name", default="issued by command")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["vendor"], kind=Tenant.Kind.VENDOR, is_sandbox=False).first()
        if tenant is None:
            raise CommandError(f"There is no vendor {options['vendor']}.")
        wanted = [scope for part in options["scopes"] for scope in part.split(",") if scope]
        tenant_id = tenant.twin_id if options["sandbox"] and tenant.twin_id else tenant.id
        try:
            with acting_as(system_actor(tenant_id, door="command")):
                _, presented = issue(
                    name=options["name"],
                    scopes=SCOPES if wanted == ["all"] else wanted,
                    expires_at=_expiry(options["expires"]),
                    networks=options["networks"],
                    limit_per_minute=options["limit"],
                )
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(presented)


def _at_least_one(given: str) -> int:
    if not given.isdecimal() or not 1 <= int(given) <= LARGEST_LIMIT:
        raise ArgumentTypeError(f"give a whole number from 1 to {LARGEST_LIMIT}")
    return int(given)


def _expiry(given: str | None) -> datetime | None:
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise CommandError("--expires takes an ISO 8601 date or instant, such as 2027-01-31.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment <= now():
        raise CommandError("--expires lies in the past.")
    return moment
