"""Finding audit records: by person, action, member, period, reason and door, newest first, page by page.

Person, action and member each have an index with the time behind them; whoever gives none of these reads along the time,
and therefore not further back than `LONGEST_UNAIMED`.
"""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from apps.audit.models import Place, Record, RecordQuerySet
from apps.core.database import run
from apps.tenants.context import current_work

LONGEST_UNAIMED = timedelta(days=92)

# One probe of the index for each action there is, where DISTINCT would read every record.
ACTIONS = """
WITH RECURSIVE found AS (
    (SELECT action FROM audit_record WHERE tenant_id = %s ORDER BY action LIMIT 1)
    UNION ALL
    SELECT (SELECT r.action FROM audit_record r WHERE r.tenant_id = %s AND r.action > found.action
            ORDER BY r.action LIMIT 1)
    FROM found WHERE found.action IS NOT NULL
)
SELECT action FROM found WHERE action IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: those from `start` until before `end` that are like every one of the others given."""

    start: datetime
    end: datetime
    like: dict[str, uuid.UUID | str] = field(default_factory=dict)

    def why_not(self) -> str | None:
        if self.start >= self.end:
            return "The period ends before it begins."
        if not self.like.keys() & {"actor_id", "action", "member_id"} and self.end - self.start > LONGEST_UNAIMED:
            return f"Give a person, an action or a member to look at more than {LONGEST_UNAIMED.days} days."
        return None


def matching(wanted: Wanted) -> RecordQuerySet:
    """Newest first, of the tenant that the work is in."""
    found = Record.objects.of_tenant(current_work().tenant_id).during(wanted.start, wanted.end)
    return found.filter(**wanted.like).newest_first()


def page_of(wanted: Wanted, *, before: Place | None, count: int) -> tuple[list[Record], Place | None]:
    """At most `count`, and the place to go on from if there are more."""
    found = matching(wanted)
    records = list((found.before(before) if before else found)[: count + 1])
    return records[:count], records[count - 1].place if len(records) > count else None


def actions_there_are() -> list[str]:
    tenant_id = current_work().tenant_id
    return [action for (action,) in run([(ACTIONS, (tenant_id, tenant_id))])[0]]
