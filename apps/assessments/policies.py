"""What makes an assessment acceptable. Pure: each answer maps a field to what is wrong with it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from apps.assessments.custom import why_not_custom
from apps.assessments.instruments import INSTRUMENTS
from apps.assessments.models import CUSTOM
from apps.assessments.scoring import why_not_score

CLOCK_SKEW = timedelta(minutes=5)
EARLIEST_YEAR = 1900


def why_not_this_sheet(instrument: str, answers: object, custom: object) -> dict[str, list[str]]:
    """Why answers and custom figures do not fit the instrument; empty when they do."""
    if instrument == CUSTOM:
        faults = why_not_custom(custom)
        return faults | ({"answers": ["Leave answers out of a custom assessment."]} if answers else {})
    if instrument not in INSTRUMENTS:
        return {"instrument": [f"Must be one of {', '.join([*INSTRUMENTS, CUSTOM])}."]}
    faults = why_not_score(INSTRUMENTS[instrument], answers)
    return faults | ({"custom": ["Only a custom assessment has this."]} if custom is not None else {})


def why_not_administered(administered_at: datetime, moment: datetime) -> Mapping[str, list[str]]:
    if administered_at > moment + CLOCK_SKEW:
        return {"administered_at": ["Must not lie in the future."]}
    if administered_at.year < EARLIEST_YEAR:
        return {"administered_at": [f"Must not lie before the year {EARLIEST_YEAR}."]}
    return {}
