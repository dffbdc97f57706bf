"""Who has the editor of a note open now, so that two people on one note know of each other.

Valkey remembers it for a minute and is told anew while the page is open. It holds ids and names of staff, nothing of the
note. While Valkey is away nobody is told; that the second to save overwrites nothing does not hang on it.
"""

import uuid
from dataclasses import dataclass
from typing import Any

import msgspec
import redis
from redis.client import Pipeline

from apps.core.actor import Actor
from apps.core.clock import now
from apps.keys import valkey
from apps.notes.drafts import Form

GONE_AFTER_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Writer:
    """Someone else at the same note; `seen_at` in Unix seconds."""

    person_id: uuid.UUID
    name: str
    seen_at: float


def arrive(actor: Actor, form: Form) -> list[Writer]:
    """Say that the actor has the editor open; the others who have, by name."""
    key = _key(actor, form)
    trip = valkey.client().pipeline(transaction=False)
    trip.hset(key, str(actor.id), msgspec.json.encode((actor.name, now().timestamp())))
    trip.expire(key, GONE_AFTER_SECONDS)
    trip.hgetall(key)
    writers = [_writer(person_id, told) for person_id, told in dict(_last_answer(trip) or {}).items()]
    others = [
        one for one in writers if one.person_id != actor.id and now().timestamp() - one.seen_at < GONE_AFTER_SECONDS
    ]
    return sorted(others, key=lambda one: one.name)


def leave(actor: Actor, form: Form) -> None:
    trip = valkey.client().pipeline(transaction=False)
    trip.hdel(_key(actor, form), str(actor.id))
    _last_answer(trip)


def _last_answer(trip: Pipeline) -> Any:
    """None while Valkey is away."""
    if valkey.is_away():
        return None
    try:
        return trip.execute()[-1]
    except (redis.RedisError, OSError):
        valkey.mark_away()
        return None


def _key(actor: Actor, form: Form) -> str:
    """The note, or the session and type of one that is not there yet."""
    return f"throughline:writing:{actor.tenant_id}:{form.note_id or form.session_id}:{form.note_type}"


def _writer(person_id: bytes, told: Any) -> Writer:
    name, seen_at = msgspec.json.decode(told, type=tuple[str, float])
    return Writer(uuid.UUID(person_id.decode()), name, seen_at)
