"""Made-up members by the thousand: all that one has, computed here, down to the sealed bytes."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

import msgspec

from apps.assessments.following import Course, following
from apps.assessments.instruments import instrument as definition_of
from apps.assessments.scoring import change, score
from apps.core.ids import uuid7
from apps.demo.courses import COURSES, Fare
from apps.demo.names import FIRST_NAMES, LAST_NAMES
from apps.intelligence.facts import Facts, ScoreFact, SessionFact
from apps.intelligence.writing import Written, write
from apps.vault import blind
from apps.vault.cipher import seal

SESSIONS = 6
SHEETS = 3
EVENTS = 1 + SESSIONS + SHEETS
# Where each stands among a member's events in time, after the assignment at 0.
SESSION_PLACES = (1, 2, 4, 5, 7, 8)
SHEET_PLACES = (3, 6, 9)
LATELY = timedelta(days=84)
PHQ9 = definition_of("phq9")
POOL = 300


@dataclass(frozen=True, slots=True)
class Sheet:
    """A scored answer sheet; the same few hundred are given out again and again."""

    answers: bytes
    score: int
    severity: str


@cache
def _pool(course: str) -> tuple[tuple[Sheet, ...], ...]:
    """For each of the sheets of a course, in order, some to choose from."""
    fare = Fare(course, random.Random(course))
    rows = []
    for number in range(SHEETS):
        answers = (fare.answers(PHQ9, number / (SHEETS - 1)) for _ in range(POOL // SHEETS))
        rows.append(tuple(_sheet(each) for each in answers))
    return tuple(rows)


def _sheet(answers: list[int]) -> Sheet:
    found = score(PHQ9, answers)
    return Sheet(msgspec.json.encode(answers), int(found.score), found.severity)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows for the tables of the same names, in the order of the columns that `load.py` gives."""

    members: list[tuple[object, ...]]
    tokens: list[tuple[object, ...]]
    sessions: list[tuple[object, ...]]
    sheets: list[tuple[object, ...]]


class Crowd:
    """The members of one tenant, made by number: the same number is always the same person."""

    def __init__(self, tenant_id: uuid.UUID, slug: str) -> None:
        self.tenant_id = tenant_id
        self.slug = slug
        self._name_tokens: dict[str, frozenset[bytes]] = {}

    def batch(self, numbers: range, first: datetime, step: timedelta, today: datetime) -> Batch:
        """Members by number; each was recorded `step` after the one before, the first at `first`."""
        made = Batch([], [], [], [])
        for place, number in enumerate(numbers):
            self._add(made, number, place * EVENTS, first + place * step, today)
        return made

    def _add(self, made: Batch, number: int, place: int, recorded: datetime, today: datetime) -> None:
        dice = random.Random(f"{self.slug}/{number}")
        person_id, assignment_id = uuid7(), uuid7()
        fare = Fare(dice.choice(list(COURSES)), dice)
        sessions = list(self._sessions(fare, recorded))
        sheets = list(self._sheets(fare, recorded))
        brief = _brief(person_id, recorded, sessions, sheets, today)
        external_id = f"{self.slug.upper()}-{number:07d}"
        profile = _profile(dice, self.slug, number)
        sealed = self._seal("members_assignment", "profile", assignment_id, msgspec.json.encode(profile))
        made.members.append((
            person_id, assignment_id, external_id, sealed, recorded - LATELY, recorded, sessions[-1].started_at,
            brief.risk_level, brief.risk_score, brief.mood_trend, msgspec.json.encode(brief.body).decode(), place,
            *_followed(recorded, sheets),
        ))  # fmt: skip
        made.tokens.extend((assignment_id, token) for token in self._tokens(profile, external_id))
        made.sessions.extend(
            (
                each.id,
                person_id,
                each.started_at,
                recorded,
                max(1, (each.mood_after or 1) - 1),
                each.mood_after,
                place + k,
            )
            for each, k in zip(sessions, SESSION_PLACES, strict=True)
        )
        for (told, sheet), k in zip(sheets, SHEET_PLACES, strict=True):
            answers = self._seal("assessments_assessment", "answers", told.id, sheet.answers)
            flags = self._seal("assessments_assessment", "item_flags", told.id, b"[]")
            change_found = None if told.change is None else float(told.change)
            made.sheets.append((
                told.id, person_id, float(sheet.score), sheet.severity, answers, flags, change_found,
                told.reliable_change, told.administered_at, recorded, place + k,
            ))  # fmt: skip

    def _seal(self, table: str, column: str, row_id: uuid.UUID, plain: bytes) -> bytes:
        return seal(self.tenant_id, table, column, row_id, plain)

    def _sessions(self, fare: Fare, recorded: datetime) -> Iterator[SessionFact]:
        for number in range(SESSIONS):
            passed = (number + 1) / SESSIONS
            mood = fare.mood(passed, after_session=True)
            yield SessionFact(uuid7(), "completed", recorded - LATELY * (1 - passed) - timedelta(hours=1), mood)

    def _sheets(self, fare: Fare, recorded: datetime) -> Iterator[tuple[ScoreFact, Sheet]]:
        previous: int | None = None
        for number, choices in enumerate(_pool(fare.course)):
            sheet = fare.dice.choice(choices)
            difference, reliable = change(PHQ9, previous, sheet.score)
            at = recorded - LATELY * (1 - (number + 1) / SHEETS) - timedelta(hours=2)
            yield (
                ScoreFact(uuid7(), "phq9", "", sheet.score, PHQ9.max_score, sheet.severity, difference, reliable, at),
                sheet,
            )
            previous = sheet.score

    def _tokens(self, profile: dict[str, str | None], external_id: str) -> set[bytes]:
        own = blind.search_tokens(self.tenant_id, email=profile["email"], external_id=external_id)
        return own.union(self._tokens_of(profile["first_name"] or ""), self._tokens_of(profile["last_name"] or ""))

    def _tokens_of(self, name: str) -> frozenset[bytes]:
        found = self._name_tokens.get(name)
        if found is None:
            found = frozenset(blind.search_tokens(self.tenant_id, names=[name]))
            self._name_tokens[name] = found
        return found


def _profile(dice: random.Random, slug: str, number: int) -> dict[str, str | None]:
    return {
        "first_name": dice.choice(FIRST_NAMES),
        "last_name": dice.choice(LAST_NAMES),
        "preferred_name": None,
        "email": f"{slug}.{number}@example.org",
        "phone": None,
        "date_of_birth": date.fromordinal(date(1950, 1, 1).toordinal() + dice.randrange(20_000)).isoformat(),
    }


def _followed(recorded: datetime, sheets: list[tuple[ScoreFact, Sheet]]) -> tuple[object, ...]:
    first, last = sheets[0][0], sheets[-1][0]
    course = Course("phq9", first.score, first.administered_at, last.score, last.administered_at)
    return msgspec.structs.astuple(following([course], care_began=recorded - LATELY))


def _brief(
    person_id: uuid.UUID,
    recorded: datetime,
    sessions: list[SessionFact],
    sheets: list[tuple[ScoreFact, Sheet]],
    today: datetime,
) -> Written:
    since = today - timedelta(days=90)
    return write(
        Facts(
            member_id=person_id,
            at=today,
            known_risk_level="low",
            assigned_at=recorded - LATELY,
            last_session_at=sessions[-1].started_at,
            scores=[sheets[-1][0]],
            sessions=[each for each in sessions if each.started_at >= since],
        )
    )
