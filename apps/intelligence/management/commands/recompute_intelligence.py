"""Compute every brief anew: after the rules have changed, or after a load that went past the verbs."""

import uuid
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from apps.core.actor import system_actor
from apps.intelligence.actions import recompute_after
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant

BATCH = 500
BEFORE_ALL = uuid.UUID(int=0)


class Command(BaseCommand):
    help = (
        "Compute risk, engagement and mood of every member anew. Each batch commits by itself; Ctrl-C stops between "
        "two statements with nothing half written, and says how to go on from there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", metavar="SLUG", help="only this organisation; all of them if left out")
        parser.add_argument("--after", type=uuid.UUID, metavar="MEMBER_ID", help="go on behind this member of --tenant")

    def handle(self, *args: object, **options: Any) -> None:
        after: uuid.UUID = options["after"] or BEFORE_ALL
        if options["after"] and not options["tenant"]:
            raise CommandError("--after needs --tenant: it names a member of one organisation.")
        done = sum(self._recompute(tenant, after) for tenant in self._tenants(options["tenant"]))
        self.stdout.write(f"{done} briefs computed.")

    def _tenants(self, slug: str | None) -> Sequence[Tenant]:
        vendors = Tenant.objects.filter(kind=Tenant.Kind.VENDOR).order_by("slug")
        if slug is None:
            return list(vendors)
        found = list(vendors.filter(slug=slug))
        if not found:
            raise CommandError(f"No organisation has the slug {slug!r}.")
        return found

    def _recompute(self, tenant: Tenant, after: uuid.UUID) -> int:
        actor = system_actor(tenant.id, door="command")
        with acting_as(actor):
            total = Assignment.objects.visible_to(actor).filter(person_id__gt=after).count()
        done = 0
        with tqdm(total=total, desc=tenant.slug, unit="member", disable=None) as progress:
            try:
                while True:
                    with acting_as(actor):
                        batch = recompute_after(after=after, limit=BATCH)
                    if not batch:
                        return done
                    after = batch[-1]
                    done += len(batch)
                    progress.update(len(batch))
            except KeyboardInterrupt:
                raise CommandError(f"Stopped. Go on with: --tenant {tenant.slug} --after {after}") from None
