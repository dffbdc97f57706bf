"""The small demo: two vendors with a year behind them, made once, whole or not at all.

Everything is told through the verbs that the doors use, so events, audit records and figures are as true as in
use; only the clock is told (`telling_of`). One transaction holds it all: a run that is interrupted leaves nothing.
"""

import uuid

from django.db import transaction

from apps.accounts.models import Membership
from apps.core.actor import Actor
from apps.core.clock import now
from apps.demo import way_in
from apps.demo.crises import crises_of
from apps.demo.members import Member, gather_members
from apps.demo.stories import story_of
from apps.demo.telling import tell_all
from apps.demo.transfers import transfers_of
from apps.demo.vendors import CASTS, Organisation, existing, follow_rate_limit, open_cast, operator, ways_into
from apps.demo.way_in import WayIn
from apps.intelligence.tasks import refresh_at
from apps.tenants.models import Tenant


def ensure_demo(base_url: str, *, progress: bool = False) -> bool:
    """Make the demo unless it is there, and bring `demo.json` up to date. Whether the vendors were made now.

    A lost `demo.json` beside existing vendors is made anew, with new passwords and keys.
    """
    kept = way_in.read()
    if kept is not None and _has_vendors(kept):
        _refresh(kept, base_url)
        return False
    with transaction.atomic():
        organisations = [existing(cast) for cast in CASTS]
        made = [open_cast(cast) for cast, found in zip(CASTS, organisations, strict=True) if found is None]
        _tell_stories(made, progress=progress)
        everyone = [found or _of(made, cast.slug) for cast, found in zip(CASTS, organisations, strict=True)]
        ways = WayIn(base_url=base_url, operator=operator(), vendors=[ways_into(each) for each in everyone])
    way_in.write(ways)
    return bool(made)


def _has_vendors(kept: WayIn) -> bool:
    wanted = {vendor["id"] for vendor in kept["vendors"]}
    return Tenant.objects.filter(id__in=wanted).count() == len(wanted)


def _refresh(kept: WayIn, base_url: str) -> None:
    for vendor in kept["vendors"]:
        follow_rate_limit(vendor)
    if kept["base_url"] != base_url:
        way_in.write({**kept, "base_url": base_url})


def _of(made: list[Organisation], slug: str) -> Organisation:
    return next(each for each in made if each.cast.slug == slug)


def _tell_stories(made: list[Organisation], *, progress: bool) -> None:
    """The handoffs are between the vendors, so they follow when all have been made."""
    at = now()
    for sandbox in (False, True):
        told: dict[uuid.UUID, list[Member]] = {}
        for organisation in made:
            tenant = organisation.sandbox if sandbox else organisation.live
            told[tenant.id] = found = gather_members(organisation, tenant, at)
            happenings = [each for member in found for each in story_of(member)]
            tell_all([*happenings, *crises_of(found, at)], label=tenant.slug, progress=progress)
        transfers = [each for pair in _pairs(made, sandbox) for each in transfers_of(told[pair[0]], pair[1], at)]
        tell_all(transfers, label="handoffs", progress=progress)
        for tenant_id in told:
            refresh_at(tenant_id)


def _pairs(made: list[Organisation], sandbox: bool) -> list[tuple[uuid.UUID, Actor]]:
    """Who hands off to whom: each vendor to the next, as `(sender, who answers at the receiver)`."""
    if len(made) < 2:
        return []
    ring = zip(made, [*made[1:], made[0]], strict=True)
    return [
        (
            (sender.sandbox if sandbox else sender.live).id,
            receiver.person(receiver.clinicians[0], Membership.Role.CLINICIAN, sandbox=sandbox),
        )
        for sender, receiver in ring
    ]
