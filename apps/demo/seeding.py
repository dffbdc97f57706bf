"""The small demo: two vendors with a year behind them, made once, whole or not at all.

Everything is told through the verbs that the doors use, so events, audit records and figures are as true as in
use; only the clock is told (`telling_of`). One transaction holds it all: a run that is interrupted leaves nothing.
"""

from django.db import transaction

from apps.demo import way_in
from apps.demo.members import settle_members
from apps.demo.vendors import CASTS, Organisation, existing, follow_rate_limit, open_cast, operator, ways_into
from apps.demo.way_in import WayIn
from apps.tenants.models import Tenant


def ensure_demo(base_url: str) -> bool:
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
        _tell_stories(made)
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


def _tell_stories(made: list[Organisation]) -> None:
    for organisation in made:
        settle_members(organisation)
