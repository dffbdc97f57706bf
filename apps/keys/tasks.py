"""Uses of keys, gathered in Valkey and written once in a while."""

import uuid
from collections import defaultdict
from datetime import UTC, datetime

import redis
from celery import shared_task

from apps.core.actor import system_actor
from apps.keys import callers, limits, request_log, valkey
from apps.keys.callers import Use
from apps.tenants.context import acting_as

TAKEN = limits.USAGE + ":taken"


@shared_task(name="keys.flush_usage")
def flush_usage() -> int:
    """Write what was gathered; what an earlier, interrupted run had taken is written first. Returns how many keys.

    A tenant's uses are dropped as soon as they are written: a run that dies in between counts those of one twice.
    """
    client = valkey.client()
    if not client.exists(TAKEN):
        try:
            client.rename(limits.USAGE, TAKEN)
        except redis.ResponseError:
            return 0
    written = 0
    for tenant_id, (uses, fields) in _taken(client).items():
        with acting_as(system_actor(tenant_id)):
            callers.note(uses)
        client.hdel(TAKEN, *fields)
        request_log.keep_for_a_while(client, tenant_id)
        written += len({use.key_id for use in uses})
    client.delete(TAKEN)
    return written


def _taken(client: redis.Redis) -> dict[uuid.UUID, tuple[list[Use], list[str]]]:
    """By tenant: the uses, and the fields that tell them. Of a key that Valkey has forgotten meanwhile nothing is told."""
    told = {_text(field): int(value) for field, value in client.hgetall(TAKEN).items()}
    found: dict[uuid.UUID, tuple[list[Use], list[str]]] = defaultdict(lambda: ([], []))
    known: dict[str, limits.Known | None] = {}
    for field, seconds in told.items():
        use, _, what = field.rpartition(" ")
        if what != "at":
            continue
        name, address, agent = use.split(" ")
        if name not in known:
            remembered = client.get(name)
            known[name] = limits.decode_known(remembered) if remembered else None
        if (key := known[name]) is not None:
            at = datetime.fromtimestamp(seconds, UTC)
            uses, fields = found[key.tenant_id]
            uses.append(Use(key.id, address, agent or callers.UNNAMED, at, told.get(f"{use} n", 1)))
            fields += [field, f"{use} n"]
    return found


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()
