"""How long sessions wait for a signed note: figures of a whole tenant and by clinician.

Counted are completed sessions that began in the period. A session waits from its end, or its beginning where no end was
logged, until the first note on it that is no addendum is signed.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.core.database import Statement
from apps.core.waits import Waits, summed_up

SIGNING_STEPS = (timedelta(hours=24), timedelta(hours=72), timedelta(days=7))

LAGS = f"""
SELECT grouping(clinician_id), clinician_id, max(clinician_name),
       count(*) FILTER (WHERE signed_at IS NULL AND has_draft), {summed_up("waited", SIGNING_STEPS)}
FROM (
    SELECT s.clinician_id, s.clinician_name, n.signed_at, n.has_draft,
           CASE WHEN n.signed_at IS NOT NULL THEN extract(
               epoch FROM greatest(n.signed_at, s.ended_at, s.started_at) - coalesce(s.ended_at, s.started_at)) END AS waited
    FROM care_sessions_session s CROSS JOIN LATERAL (
        SELECT min(signed_at) AS signed_at, count(*) FILTER (WHERE signed_at IS NULL) > 0 AS has_draft
        FROM notes_note n WHERE n.tenant_id = s.tenant_id AND n.session_id = s.id AND n.addendum_to_id IS NULL
    ) n
    WHERE s.tenant_id = %s AND s.status = 'completed' AND s.started_at >= %s AND s.started_at < %s
) held
GROUP BY GROUPING SETS ((), (clinician_id))
ORDER BY 1 DESC, 5 DESC
"""


@dataclass(frozen=True, slots=True)
class Lag:
    """Sessions of one clinician, or of all, and their wait for a signature; `drafts` of those that wait have a draft."""

    clinician_id: uuid.UUID | None
    clinician_name: str
    drafts: int
    waits: Waits


def lags(tenant_id: uuid.UUID, start: datetime, end: datetime) -> Statement:
    """The statement whose rows `read_lags` reads."""
    return LAGS, (tenant_id, start, end)


def read_lags(rows: Sequence[Sequence[Any]]) -> tuple[Lag, list[Lag]]:
    """All together, and by clinician, those with most sessions first."""
    read = [(is_all, Lag(of, name or "", drafts, Waits.read(waits))) for is_all, of, name, drafts, *waits in rows]
    (together,) = [lag for is_all, lag in read if is_all]
    return together, [lag for is_all, lag in read if not is_all]
