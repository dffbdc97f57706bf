"""Outcomes: reliable change, the time to review a positive item 9, and how long notes wait for a signature.

Figures of the whole organisation. What would be about fewer than `FEWEST` people, or of one clinician about fewer than
`FEWEST` sessions, is not shown: so few can be told apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.http import HttpResponse
from django.shortcuts import render

from apps.accounts.models import Membership
from apps.accounts.pages import PortalRequest, page
from apps.assessments import outcomes as of_scores
from apps.assessments.outcomes import Change
from apps.audit import recording as audit
from apps.core.actor import Actor
from apps.core.clock import now
from apps.core.database import run
from apps.core.errors import Unavailable
from apps.core.waits import Waits
from apps.notes import outcomes as of_notes
from apps.notes.outcomes import Lag
from apps.portal.bars import Bar, bar_of

PERIODS = {"30": "30 days", "90": "90 days", "180": "180 days", "365": "one year"}
USUAL = "90"
FEWEST = 5
SECONDS = 5
QUERY_CANCELED = "57014"
REVIEW_LABELS = ("within 15 min", "within 1 h", "within 4 h", "within 24 h", "later")
REVIEW_LEVELS = ("low", "low", "moderate", "moderate", "high")
SIGNING_LABELS = ("within 24 h", "within 72 h", "within 7 days", "later")
SIGNING_LEVELS = ("low", "low", "moderate", "high")


class TooMuchToCount(Unavailable):
    code = "too_much_to_count"


@dataclass(frozen=True, slots=True)
class Counted:
    changes: list[Change]
    reviews: Waits
    notes: Lag
    by_clinician: list[Lag]


@dataclass(frozen=True, slots=True)
class Compared:
    """One instrument's members; no bar where they are too few."""

    change: Change
    bar: Bar | None


@page(roles={Membership.Role.ADMIN, Membership.Role.SUPERVISOR})
def outcomes(request: PortalRequest) -> HttpResponse:
    days = request.GET.get("days", "")
    days = days if days in PERIODS else USUAL
    until = now()
    since = until - timedelta(days=int(days))
    audit.record("outcomes.read", rows=[request.workplace.id], reason="administration", details={"days": int(days)})
    context: dict[str, object] = {"days": days, "periods": PERIODS, "since": since, "until": until, "fewest": FEWEST}
    try:
        counted = _count(request.actor, since, until)
    except TooMuchToCount as error:
        return render(request, "portal/outcomes.html", context | {"refusal": error.message}, status=503)
    context |= {
        "compared": [Compared(change, _changed(change)) for change in counted.changes],
        "reviews": counted.reviews,
        "review_bar": _waited(counted.reviews, REVIEW_LABELS, REVIEW_LEVELS, "not reviewed yet"),
        "notes": counted.notes,
        "notes_bar": _waited(counted.notes.waits, SIGNING_LABELS, SIGNING_LEVELS, "unsigned or without a note"),
        "by_clinician": _whose(request.actor, counted.by_clinician),
    }
    return render(request, "portal/outcomes.html", context)


def _count(actor: Actor, since: datetime, until: datetime) -> Counted:
    """Three statements in one trip, given up after `SECONDS` in all: `TooMuchToCount`."""
    asked = [of_scores.changes, of_scores.reviews, of_notes.lags]
    bound = ("SELECT set_config('statement_timeout', %s, true)", (f"{SECONDS * 1000:.0f}ms",))
    try:
        with transaction.atomic():
            rows = run([bound, *(ask(actor.tenant_id, since, until) for ask in asked)])
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != QUERY_CANCELED:
            raise
        raise TooMuchToCount(
            "There is too much in this period to be counted while you wait. Choose a shorter one."
        ) from None
    together, by_clinician = of_notes.read_lags(rows[3])
    return Counted(of_scores.read_changes(rows[1]), Waits.read(rows[2][0]), together, by_clinician)


def _whose(actor: Actor, lags: list[Lag]) -> list[Lag]:
    """A supervisor sees the clinicians supervised; an administrator all."""
    if Membership.Role.ADMIN in actor.roles:
        return lags
    return [lag for lag in lags if lag.clinician_id in actor.reach]


def _changed(change: Change) -> Bar | None:
    if change.compared < FEWEST:
        return None
    return bar_of(
        [
            ("improved", change.improved, "low"),
            ("unchanged", change.unchanged, "none"),
            ("deteriorated", change.deteriorated, "critical"),
        ]
    )


def _waited(waits: Waits, labels: Sequence[str], levels: Sequence[str], open_label: str) -> Bar | None:
    if not waits.total:
        return None
    over = list(zip(labels, waits.by_step, levels, strict=True))
    return bar_of([*over, (open_label, waits.waiting, "critical")])
