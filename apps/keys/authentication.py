"""Who presents this key: the way from a header to an `Actor`, with the allowance that the call leaves."""

import ipaddress
from functools import lru_cache

from django.db import transaction

from apps.core.actor import Actor
from apps.core.database import run
from apps.keys import callers, limits, valkey
from apps.keys.errors import KeyRefused
from apps.keys.form import digest, is_well_formed
from apps.keys.limits import Allowance, Known

LOOK_UP = """
SELECT k.id, k.tenant_id, k.name, k.scopes, k.networks, k.limit_per_minute
FROM keys_apikey k JOIN tenants_tenant t ON t.id = k.tenant_id
WHERE k.digest = %s AND k.contract = %s AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
  AND t.status = 'active'
"""


def authenticate(
    presented: str | None, *, contract: str, address: str | None, request_id: str, door: str, agent: str = ""
) -> tuple[Actor, Allowance]:
    """The actor behind a presented key. Raises `KeyRefused`; the allowance may be exceeded, which the door answers.

    `agent` is the client's `User-Agent`, of which the product's name alone is kept.

    That the key is still valid is asked again, of the database, when the actor's work begins.
    """
    if not presented:
        raise KeyRefused("No API key was given. Send it in the X-API-Key header.")
    if not is_well_formed(presented, contract):
        raise KeyRefused("The API key is not valid.")
    found, caller = digest(presented), callers.named(address, agent)
    try:
        counted = limits.count_remembered(found, caller)
    except valkey.ValkeyAway:
        counted = None
    if counted is None:
        known = _look_up(found, contract)
        if known is None:
            raise KeyRefused("The API key is not valid.")
        counted = known, limits.remember_and_count(found, known, caller)
    known, allowance = counted
    if known.networks and not _is_within(address, known.networks):
        raise KeyRefused("The API key may not be used from this address.", tenant_id=known.tenant_id, key_id=known.id)
    actor = Actor(
        kind="key",
        id=known.id,
        name=known.name,
        tenant_id=known.tenant_id,
        scopes=_scopes(known.scopes),
        request_id=request_id,
        address=address,
        door=door,
    )
    return actor, allowance


def _look_up(found: bytes, contract: str) -> Known | None:
    with transaction.atomic():
        rows = run(
            [
                ("SELECT set_config('throughline.presented_key', %s, true)", (found.hex(),)),
                (LOOK_UP, (found, contract)),
            ]
        )[1]
    if not rows:
        return None
    key_id, tenant_id, name, scopes, networks, limit = rows[0]
    return Known(key_id, tenant_id, name, tuple(scopes), tuple(networks), limit)


@lru_cache(maxsize=1024)
def _scopes(scopes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(scopes)


def _is_within(address: str | None, networks: tuple[str, ...]) -> bool:
    try:
        client = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    return any(client in network for network in _parsed(networks))


@lru_cache(maxsize=1024)
def _parsed(networks: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(network) for network in networks)
