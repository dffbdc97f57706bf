"""What the demo's clinicians write: short, plausible, and about nobody."""

import random
from dataclasses import dataclass

from apps.care_context.models import SafetyPlan
from apps.notes.models import sections_of


@dataclass(frozen=True, slots=True)
class Focus:
    """What someone is in care for."""

    code: str
    instrument: str
    modality: str
    topics: tuple[str, ...]
    interventions: tuple[str, ...]
    homework: tuple[str, ...]
    goals: tuple[str, ...]


FOCUSES = (
    Focus(
        "depression", "who5", "cbt",
        ("low energy", "withdrawal from friends", "self-criticism", "sleep"),
        ("behavioral activation", "thought record", "activity scheduling"),
        ("Plan one small pleasant activity each day.", "Keep the thought record for three situations."),
        ("Get out of the house every day", "Return to the choir", "Sleep seven hours on most nights"),
    ),
    Focus(
        "anxiety", "gad7", "cbt",
        ("worry at night", "avoiding meetings", "tension", "panic on the bus"),
        ("graded exposure", "breathing exercise", "worry postponement"),
        ("Ride two stops each day.", "Fifteen minutes of worry time at five o'clock."),
        ("Take the bus to work", "Speak once in every team meeting", "Let calls go to voicemail without checking"),
    ),
    Focus(
        "trauma", "pcl5", "emdr",
        ("nightmares", "being startled", "the accident", "trust"),
        ("resourcing", "safe-place imagery", "bilateral stimulation"),
        ("Practise the safe-place exercise before bed.", "Note triggers without explaining them."),
        ("Drive on the motorway again", "Sleep without the light on"),
    ),
    Focus(
        "stress at work", "pss10", "act",
        ("workload", "saying no", "guilt about rest", "the new manager"),
        ("values clarification", "defusion", "problem solving"),
        ("Decline one request this week.", "Write down what a good day would hold."),
        ("Leave work by six", "Take the leave that is due", "Find out what matters besides work"),
    ),
    Focus(
        "alcohol and coping", "audit_c", "dbt",
        ("evenings alone", "cravings", "the weekend", "rebuilding trust at home"),
        ("urge surfing", "chain analysis", "motivational interviewing"),
        ("Keep the diary card every evening.", "Call the sponsor before, not after."),
        ("No more than four drinks a week", "Two evenings a week with people"),
    ),
)  # fmt: skip

STATE = {
    "better": ("Reports feeling lighter than last month and more able to start things.", "Symptoms are easing."),
    "worse": ("Reports a harder fortnight with less rest and more time alone.", "Symptoms have increased."),
    "steady": ("Reports much the same as last time, with good days and bad ones.", "Symptoms are stable."),
}
SECTION = {
    "subjective": "{state} Spoke mostly about {topic}.",
    "objective": "On time, engaged, speech and thought organised. Mood matches what was said.",
    "assessment": "{trend} Working on {focus}. No indication of acute risk today.",
    "plan": "Continue as agreed. {homework}",
    "data": "{state} Brought up {topic}; we went through the week day by day.",
    "behavior": "{state} Sat back at first, then spoke freely about {topic}.",
    "intervention": "Used {intervention}; practised it together twice.",
    "response": "Took part willingly and named one thing to try. {trend}",
    "goals": "Goal for this phase: {goal}.",
}
BODY = {
    "intake": "First meeting. Seeks help with {focus}; names {topic} first. Goal in their own words: {goal}. Consent, "
    "limits of confidentiality and the way to reach us were discussed.",
    "progress": "{state} Spoke about {topic}. Used {intervention}. {trend} {homework}",
    "discharge": "Care ends by agreement. {trend} Goal reached: {goal}. Knows the early signs and how to come back.",
    "psychotherapy": "Impressions for my own use: {topic} stands for something older. Notice my wish to rescue.",
    "free_text": "Called between sessions about {topic}; short and practical. {homework}",
}
ADDENDUM = "Addition: {topic} was mentioned again by phone the next day; no change to the plan."
CRISES = {
    "suicide_ideation": (
        "Said on the phone that everyone would be better off without them; no plan, sister is with them.",
        "Wrote late at night of not wanting to wake up. Agreed to keep talking and to call in the morning.",
    ),
    "self_harm": (
        "Told of cutting after an argument at home; wound looked after, ashamed, willing to talk.",
        "Burnt their arm with a cigarette on Sunday; showed it without being asked and wants it to stop.",
    ),
    "harm_to_others": ("Said they had thought of hurting the neighbour; no means, no plan, wants to calm down first.",),
    "crisis_distress": (
        "Very distressed after losing the flat, could not settle, asked for help the same day.",
        "Panic for hours after the court letter, not eating; no thoughts of dying, a friend stays overnight.",
    ),
}
RESOLUTIONS = {
    "safety_plan": "Went through the safety plan together and added the sister's number. Next contact tomorrow.",
    "no_current_risk": "Spoke at length; no thoughts of dying since the weekend, plans for the week.",
    "higher_care": "Begins the day programme on Monday; taken there by a friend.",
    "emergency_services": "Crisis team came to the home and stayed until the family arrived.",
    "referred": "Seen by the on-call psychiatrist, who takes over medication.",
    "entered_in_error": "Raised for the wrong person; the right one was called at once.",
}
SUMMARY = "{state} We talked about {topic} and used {intervention}."


def note_content(note_type: str, focus: Focus, direction: str, dice: random.Random) -> dict[str, str]:
    """Exactly the sections that a note of this type has."""
    said = _said(focus, direction, dice)
    return {
        section: (BODY[note_type] if section == "body" else SECTION[section]).format_map(said)
        for section in sections_of(note_type)
    }


def addendum_content(note_type: str, focus: Focus, dice: random.Random) -> dict[str, str]:
    said = ADDENDUM.format(topic=dice.choice(focus.topics))
    return {section: said if number == 0 else "Unchanged." for number, section in enumerate(sections_of(note_type))}


def summary(focus: Focus, direction: str, dice: random.Random) -> str:
    return SUMMARY.format_map(_said(focus, direction, dice))


def _said(focus: Focus, direction: str, dice: random.Random) -> dict[str, str]:
    state, trend = STATE[direction]
    return {
        "state": state,
        "trend": trend,
        "focus": focus.code,
        "topic": dice.choice(focus.topics),
        "intervention": dice.choice(focus.interventions),
        "homework": dice.choice(focus.homework),
        "goal": dice.choice(focus.goals).lower(),
    }


def safety_plan(dice: random.Random) -> SafetyPlan:
    return SafetyPlan(
        warning_signs=dice.sample(
            ["not answering messages", "pacing at night", "giving things away", "skipping meals"], 2
        ),
        coping_strategies=dice.sample(["cold water on the wrists", "walk round the block", "the blue playlist"], 2),
        social_contacts=dice.sample(["the library", "Thursday choir", "the dog park"], 1),
        helpers=dice.sample(["sister", "neighbour downstairs", "old school friend"], 2),
        professionals=["the clinician's office line", "988 Suicide and Crisis Lifeline"],
        means_safety=["tablets are kept by the partner"],
        reasons_for_living=dice.sample(["the cat", "a nephew's graduation", "seeing the coast again"], 2),
    )
