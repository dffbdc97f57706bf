"""A packet in words: its content as chapters that a page can show, and what was left out and why.

The preview of a packet and the packet itself are read by the same code, so that what a sender sees before sending is what
the receiver sees.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec

from apps.assessments.instruments import INSTRUMENTS
from apps.handoffs.models import Part
from apps.notes.models import name_of_type

Record = Mapping[str, Any]

NAMES: dict[str, str] = {
    Part.SUMMARY: "Brief",
    Part.CARE_CONTEXT: "Care context and safety plan",
    Part.SESSIONS: "Sessions",
    Part.NOTES: "Notes",
    Part.ASSESSMENTS: "Assessments",
    Part.CRISIS_FLAGS: "Crisis flags",
    Part.PSYCHOTHERAPY_NOTES: "Psychotherapy notes",
}
WITHHELD = "not told: it rests on parts that are left out"


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands beside it: words, or a moment that the page shows in its own zone."""

    label: str
    words: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """Running text as someone wrote it."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One record: what it is, when it was, its facts and its texts."""

    title: str
    at: datetime | None = None
    facts: Sequence[Fact] = ()
    passages: Sequence[Passage] = ()


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    entries: list[Entry] = field(default_factory=list)


def chapters(content: Record) -> list[Chapter]:
    """The content of a packet, kept or just gathered, in the order in which a clinician reads it."""
    told: Record = msgspec.json.decode(msgspec.json.encode(content))
    known = [(key, title, tell) for key, title, tell in CHAPTERS if key in told]
    return [Chapter(title, list(tell(told[key]))) for key, title, tell in known]


def left_out(exclusions: Iterable[Record]) -> list[str]:
    """What is not in the packet, each with its reason, as sentences."""
    return [_why(each["part"], each["why"], each.get("count", 0)) for each in exclusions]


def _why(part: str, why: str, count: int) -> str:
    name = NAMES[part]
    if why == "unsigned":
        return f"{name}: {count} unsigned draft{'' if count == 1 else 's'}. Drafts never travel."
    if why == "retracted":
        return f"{name}: {count} retracted, with what was added to {'it' if count == 1 else 'them'}. They never travel."
    return f"{name}: the member's consent does not cover this."


def _member(member: Record) -> Iterator[Entry]:
    first = member["preferred_name"] or member["first_name"] or ""
    born = member["date_of_birth"]
    yield Entry(
        f"{first} {member['last_name'] or ''}".strip() or "Without a name",
        facts=_facts(
            ("First name", member["first_name"] if member["preferred_name"] else None),
            ("Pronouns", member["pronouns"]),
            ("Born", f"{date.fromisoformat(born):%d %b %Y}" if born else None),
            ("Email", member["email"]),
            ("Phone", member["phone"]),
            ("Time zone", member["timezone"]),
        ),
    )


def _brief(brief: Record) -> Iterator[Entry]:
    risk, flags = brief["risk_level"], brief["open_crisis_flags"]
    yield Entry(
        "In short",
        _moment(brief["generated_at"]),
        _facts(
            ("Risk", WITHHELD if risk is None else f"{_words(risk)} ({brief['risk_score']} of 100)"),
            ("Open crisis flags", WITHHELD if flags is None else str(flags)),
            ("Mood", _words(brief["mood_trend"]) if brief["mood_trend"] else WITHHELD),
            ("Days since the last session", brief["days_since_last_session"]),
            ("Risk factors", "; ".join(each["label"] for each in brief["risk_factors"])),
        ),
        _passages(("Summary", brief["summary"]), ("Suggested", "\n".join(brief["suggested_actions"]))),
    )


def _care_context(care: Record) -> Iterator[Entry]:
    goals = [f"{goal['text']} ({_words(goal['status']).lower()})" for goal in care["treatment_goals"]]
    yield Entry(
        "Care context" if care["version"] else "No care context was written",
        _moment(care["updated_at"]),
        _facts(
            ("Modality", _words(care["modality"])),
            ("Style", _words(care["communication_style"])),
            ("Sessions", _words(care["session_frequency"])),
            ("Focus", ", ".join(care["focus_areas"])),
        ),
        _passages(
            ("Goals", "\n".join(goals)),
            ("Topics to avoid", "\n".join(care["topics_to_avoid"])),
            ("Instructions to the companion", care["companion_instructions"]),
        ),
    )
    plan = [(_words(part), "\n".join(lines)) for part, lines in care["safety_plan"].items()]
    if written := _passages(*plan):
        yield Entry("Safety plan", passages=written)


def _sessions(sessions: Iterable[Record]) -> Iterator[Entry]:
    for each in sessions:
        minutes = each["duration_minutes"]
        moods = [None if mood is None else f"{mood} of 10" for mood in (each["mood_before"], each["mood_after"])]
        yield Entry(
            f"{_words(each['session_type'])}, {_words(each['modality']).lower()}",
            _moment(each["started_at"]),
            _facts(
                ("Status", _words(each["status"])),
                ("With", each["clinician_name"]),
                ("Lasted", f"{minutes} minutes" if minutes else None),
                ("Mood before", moods[0]),
                ("Mood after", moods[1]),
                ("Topics", ", ".join(each["topics"])),
                ("Interventions", ", ".join(each["interventions"])),
            ),
            _passages(("Summary", each["summary"]), ("Homework", each["homework"])),
        )


def _notes(notes: Iterable[Record]) -> Iterator[Entry]:
    for each in notes:
        title = name_of_type(each["note_type"])
        yield Entry(
            f"{title}, addendum" if each["addendum_to"] else title,
            _moment(each["created_at"]),
            [Fact("Signed by", each["signed_by"]["name"]), Fact("Signed", at=_moment(each["signed_at"]))],
            _passages(*((_words(section), text) for section, text in each["content"].items())),
        )


def _assessments(assessments: Iterable[Record]) -> Iterator[Entry]:
    for each in assessments:
        custom, change = each["custom"], each["change"]
        severity = _words(each["severity"])
        yield Entry(
            custom["name"] if custom else INSTRUMENTS[each["instrument"]].name,
            _moment(each["administered_at"]),
            _facts(
                ("Score", f"{each['score']} of {each['max_score']}" + (f", {severity.lower()}" if severity else "")),
                (
                    "Change",
                    None if change is None else f"{change:+}" + (" (reliable)" if each["reliable_change"] else ""),
                ),
                ("Answers", ", ".join(str(answer) for answer in each["answers"] or ())),
                ("Scores up to then", ", ".join(str(past["score"]) for past in each["score_history"])),
            ),
        )


def _crisis_flags(flags: Iterable[Record]) -> Iterator[Entry]:
    for each in flags:
        yield Entry(
            f"{_words(each['severity'])}: {_words(each['category']).lower()}",
            _moment(each["created_at"]),
            [
                Fact("Status", _words(each["status"])),
                Fact("Raised by", _words(each["source"])),
                *([] if each["resolved_at"] else [Fact("Answer due", at=_moment(each["respond_by"]))]),
            ],
            _passages(("What was seen or said", each["description"]), ("How it was resolved", each["resolution"])),
        )


# The key in the content, the title that a page gives it, and what puts it in words.
CHAPTERS: tuple[tuple[str, str, Callable[[Any], Iterable[Entry]]], ...] = (
    ("member", "Who it is about", _member),
    ("crisis_flags", NAMES[Part.CRISIS_FLAGS], _crisis_flags),
    ("brief", NAMES[Part.SUMMARY], _brief),
    ("care_context", NAMES[Part.CARE_CONTEXT], _care_context),
    ("assessments", NAMES[Part.ASSESSMENTS], _assessments),
    ("sessions", NAMES[Part.SESSIONS], _sessions),
    ("notes", NAMES[Part.NOTES], _notes),
    ("psychotherapy_notes", NAMES[Part.PSYCHOTHERAPY_NOTES], _notes),
)


def _facts(*known: tuple[str, object]) -> list[Fact]:
    return [Fact(label, str(words)) for label, words in known if words not in (None, "")]


def _passages(*written: tuple[str, str | None]) -> list[Passage]:
    return [Passage(label, text) for label, text in written if text and text.strip()]


def _moment(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _words(code: str | None) -> str:
    return (code or "").replace("_", " ").capitalize()
