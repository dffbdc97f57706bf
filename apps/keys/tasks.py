"""Last use of keys, gathered in Valkey and written once in a while."""

import uuid
from collections import defaultdict
from datetime import UTC, datetime

import redis
from celery import shared_task

from apps.core.actor import system_actor
from apps.keys import limits, valkey
from apps.keys.models import APIKey
from apps.tenants.context import acting_as

TAKEN = limits.USAGE + ":taken"


@shared_task(name="keys.flush_usage")
def flush_usage() -> int:
    """Write what was gathered; what an earlier, interrupted run had taken is written first. Returns how many keys."""
    client = valkey.client()
    if not client.exists(TAKEN):
        try:
            client.rename(limits.USAGE, TAKEN)
        except redis.ResponseError:
            return 0
    uses: dict[uuid.UUID, list[tuple[uuid.UUID, datetime, str]]] = defaultdict(list)
    for name, use in client.hgetall(TAKEN).items():
        remembered = client.get(name)
        if remembered is None:
            continue
        known = limits.decode_known(remembered)
        seconds, _, address = (use if isinstance(use, str) else use.decode()).partition(" ")
        uses[known.tenant_id].append((known.id, datetime.fromtimestamp(int(seconds), UTC), address))
    for tenant_id, of_tenant in uses.items():
        with acting_as(system_actor(tenant_id)):
            for key_id, at, address in of_tenant:
                APIKey.objects.filter(id=key_id).update(last_used_at=at, last_used_address=address)
    client.delete(TAKEN)
    return sum(map(len, uses.values()))
