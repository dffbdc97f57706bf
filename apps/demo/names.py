"""Made-up people: names from short lists, and what else identifies someone. Nobody here exists."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from apps.members.actions import Profile

FIRST_NAMES = (
    "Amara", "Ines", "Tomasz", "Yuki", "Priya", "Mateo", "Leila", "Kofi", "Sienna", "Noor", "Anders", "Mei", "Omar",
    "Rosa", "Idris", "Freya", "Hana", "Jonas", "Zola", "Emil", "Aisha", "Bram", "Carmen", "Dmitri", "Esi", "Farid",
    "Greta", "Hugo", "Imani", "Jun", "Katya", "Luca", "Maya", "Nils", "Oona", "Pedro", "Quinn", "Ravi", "Selma", "Tariq",
    "Una", "Viktor", "Wren", "Ximena", "Yara", "Zeno", "Björk", "Chloé", "Søren", "Zoë",
)  # fmt: skip
LAST_NAMES = (
    "Abara", "Brandt", "Castellano", "Dlamini", "Eriksen", "Fontaine", "Ghosh", "Haddad", "Ibarra", "Jansen", "Kowalska",
    "Lindqvist", "Mbeki", "Nakata", "Okonjo", "Petrov", "Quispe", "Rahimi", "Sandoval", "Takeda", "Ueda", "Valdez",
    "Wójcik", "Xu", "Yilmaz", "Zamora", "Ashby", "Bellweather", "Cobbold", "Duarte", "Ekwueme", "Farrow", "Gallagher",
    "Holm", "Ito", "Jovanović", "Kaur", "Larue", "Moreau", "Núñez", "Oyelaran", "Park", "Reyes", "Silva", "Tran", "Vance",
)  # fmt: skip
PRONOUNS = ("she/her", "he/him", "they/them", "she/they", "")
TIMEZONES = ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Europe/London", "UTC")
# 555-0100 to 555-0199 are kept for fiction in the North American numbering plan.
PHONE = "+1{area}55501{line:02d}"
AREAS = (202, 303, 312, 415, 503, 617, 646, 718, 808, 919)


@dataclass(frozen=True, slots=True)
class Stranger:
    """Someone who is not yet a member anywhere."""

    profile: Profile
    pronouns: str
    timezone: str
    external_id: str

    @property
    def email(self) -> str | None:
        return self.profile.get("email")


def stranger(dice: random.Random, tag: str, number: int) -> Stranger:
    """The `number`-th person of a series; `tag` tells series apart, so that emails and external ids never clash."""
    first, last = dice.choice(FIRST_NAMES), dice.choice(LAST_NAMES)
    mailbox = f"{first}.{last}.{tag}{number}".encode("ascii", "ignore").decode().lower()
    born = date(1952, 1, 1) + timedelta(days=dice.randrange(19_700))
    profile = Profile(
        first_name=first,
        last_name=last,
        preferred_name=first[:3] if dice.random() < 0.15 else None,
        email=f"{mailbox}@example.org",
        phone=PHONE.format(area=dice.choice(AREAS), line=dice.randrange(100)),
        date_of_birth=born.isoformat(),
    )
    return Stranger(profile, dice.choice(PRONOUNS), dice.choice(TIMEZONES), f"{tag.upper()}-{number:07d}")
