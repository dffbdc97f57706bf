"""What the pages show of keys, beyond the rows: what may be done with each, and who still shows an old one."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from apps.accounts.models import User
from apps.core.clock import now
from apps.keys.models import READ_SCOPES, SCOPES, APIKey, KeyCaller
from apps.keys.policies import why_not_revoke, why_not_rotate
from apps.keys.worlds import World

# Who made a key that none of the tenant's staff did.
ELSEWHERE = "Throughline"
# The first thing to ask with a key, by the scope that opens it.
FIRST_CALLS = {
    "members:read": "members/",
    "sessions:read": "sessions/",
    "notes:read": "notes/",
    "assessments:read": "assessments/",
    "crisis:read": "crisis-flags/",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A key in a list or on its own page."""

    key: APIKey
    world: World
    state: APIKey.State
    made_by: str

    @property
    def why_not_rotate(self) -> str | None:
        return why_not_rotate(self.key, now())

    @property
    def why_not_revoke(self) -> str | None:
        return why_not_revoke(self.key, now())

    @property
    def scopes(self) -> str:
        """`members read, notes read and write`; `everything` for all there are."""
        held = self.key.scopes
        if set(held) in (set(SCOPES), set(READ_SCOPES)):
            return "everything" if len(held) == len(SCOPES) else "reading, everything"
        about = dict.fromkeys(scope.partition(":")[0] for scope in held)
        done = {each: [scope.partition(":")[2] for scope in held if scope.startswith(f"{each}:")] for each in about}
        return ", ".join(f"{each} {' and '.join(verbs)}" for each, verbs in done.items()) or "nothing"

    @property
    def level(self) -> str:
        return {"works": "low", "rotated": "moderate"}.get(self.state, "")


@dataclass(frozen=True, slots=True)
class CallerLine:
    """A caller of a key; of a rotated one, whether it has been seen with the new key since."""

    caller: KeyCaller
    moved_at: datetime | None

    @property
    def has_moved(self) -> bool:
        return self.moved_at is not None and self.moved_at >= self.caller.last_at


def lines(keys: Iterable[tuple[World, APIKey]]) -> list[Line]:
    """In the workplace's own tenant, where the names of its staff are known."""
    found, moment = list(keys), now()
    names = _names({key.made_by_id for _, key in found if key.made_by_id})
    return [
        Line(key, world, key.state_at(moment), names.get(key.made_by_id, ELSEWHERE) if key.made_by_id else ELSEWHERE)
        for world, key in found
    ]


def _names(user_ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    return dict(User.objects.filter(id__in=user_ids).values_list("id", "name")) if user_ids else {}


def callers_of(key: APIKey) -> list[CallerLine]:
    """Last one first, in the world of the key."""
    found = KeyCaller.objects.filter(tenant_id=key.tenant_id, key__in=[key.id, key.replaced_by_id or key.id])
    callers = list(found.order_by("-last_at", "id"))
    moved = {(each.address, each.agent): each.last_at for each in callers if each.key_id != key.id}
    return [CallerLine(each, moved.get((each.address, each.agent))) for each in callers if each.key_id == key.id]


def first_call(key: APIKey, presented: str) -> str | None:
    """A line for a shell that asks something with the key; None for one that may read nothing."""
    path = next((path for scope, path in FIRST_CALLS.items() if scope in key.scopes), None)
    return path and f"curl -H 'X-API-Key: {presented}' {settings.BASE_URL}/api/v2/{path}"
