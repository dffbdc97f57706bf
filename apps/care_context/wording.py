"""What a care context says, in words: its parts, their fields, and the lines of each field as people read them.

Reading, comparing and printing all stand on these lines, so that the three never tell different things.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from apps.care_context.models import CareContext, Content, Goal


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a safety plan. `number` is its place among the six steps, None beside them."""

    code: str
    number: int | None
    title: str
    hint: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One field of the content, or one step of the plan, and what it says, a line each; none when it says nothing."""

    code: str
    title: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Part:
    """What is read and edited together."""

    code: str
    title: str
    entries: list[Entry]

    @property
    def written(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.lines]


STEPS = (
    Step("warning_signs", 1, "Warning signs", "Thoughts, moods, situations or behaviour that tell of a coming crisis."),
    Step("coping_strategies", 2, "What I can do on my own", "What takes my mind off things without calling anyone."),
    Step("social_contacts", 3, "People and places that distract me", "Where I am among people; names and places."),
    Step("helpers", 4, "People whom I can ask for help", "Whom I can tell that I am in a crisis; names and numbers."),
    Step(
        "professionals", 5, "Professionals and services to call", "Clinicians, crisis lines, emergency rooms; numbers."
    ),
    Step("means_safety", 6, "Making my surroundings safer", "What is put out of reach, how, and who helps with it."),
    Step("reasons_for_living", None, "Reasons for living", "What matters most to me and is worth living for."),
)
STEP_TITLES = {step.code: f"{step.number}. {step.title}" if step.number else step.title for step in STEPS}
PART_TITLES = {
    "approach": "How we work",
    "treatment_goals": "Treatment goals",
    "topics": "Topics",
    "companion": "Companion",
    "safety_plan": "Safety plan",
}
FIELD_TITLES = {
    "modality": "Modality",
    "treatment_goals": "Treatment goals",
    "focus_areas": "Focus areas",
    "topics_to_avoid": "Topics to avoid",
    "communication_style": "Communication style",
    "session_frequency": "Sessions",
    "safety_plan": "Safety plan",
    "companion_enabled": "Companion",
    "companion_instructions": "Instructions to the companion",
}
GOAL_STATUSES = {"active": "Active", "met": "Met", "dropped": "Dropped"}
MODALITIES = dict(CareContext.Modality.choices)
STYLES = dict(CareContext.Style.choices)
FREQUENCIES = dict(CareContext.Frequency.choices)


def parts_of(content: Content) -> list[Part]:
    """All parts in their order, those that say nothing too."""
    said = {
        "approach": [
            _entry("modality", _label(MODALITIES, content["modality"])),
            _entry("session_frequency", _label(FREQUENCIES, content["session_frequency"])),
            _entry("communication_style", _label(STYLES, content["communication_style"])),
        ],
        "treatment_goals": [_entry("treatment_goals", [goal_in_words(goal) for goal in content["treatment_goals"]])],
        "topics": [
            _entry("focus_areas", content["focus_areas"]),
            _entry("topics_to_avoid", content["topics_to_avoid"]),
        ],
        "companion": [
            _entry("companion_enabled", ["On" if content["companion_enabled"] else "Off"]),
            _entry("companion_instructions", (content["companion_instructions"] or "").splitlines()),
        ],
        "safety_plan": plan_entries(content),
    }
    return [Part(code, PART_TITLES[code], entries) for code, entries in said.items()]


def plan_entries(content: Content) -> list[Entry]:
    """The steps of the safety plan in their order."""
    said = dict(content["safety_plan"])
    return [Entry(step.code, STEP_TITLES[step.code], list(_lines(said[step.code]))) for step in STEPS]


def goal_in_words(goal: Goal) -> str:
    """`Sleep through: active, by 1 September 2026`."""
    due = f", by {day_in_words(date.fromisoformat(goal['target_date']))}" if goal["target_date"] else ""
    return f"{goal['text']}: {GOAL_STATUSES[goal['status']].lower()}{due}"


def day_in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _entry(code: str, lines: Iterable[str]) -> Entry:
    return Entry(code, FIELD_TITLES[code], list(lines))


def _label(labels: dict[str, str], code: str | None) -> list[str]:
    return [labels[code]] if code else []


def _lines(said: object) -> Iterable[str]:
    return said if isinstance(said, list) else ()
