"""Who uses a key: the address and the product of the client, counted in the script that counts the key's minute.

What was gathered is written once in a while into `KeyCaller`, so that whoever rotates a key sees which callers still
show the old one.
"""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from apps.core.database import run
from apps.core.ids import uuid7

# Of one key so many callers are kept, those that called last: a key without networks may come from anywhere.
MOST_PER_KEY = 50
UNNAMED = "unnamed"

_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,39}(?=[/\s;(]|\Z)")

NOTE = """
INSERT INTO keys_keycaller AS c
    (id, tenant_id, key_id, address, agent, first_at, last_at, requests, requests_since_rotation)
SELECT u.id, k.tenant_id, k.id, u.address, u.agent, u.at, u.at, u.requests,
       CASE WHEN k.replaced_by_id IS NULL THEN 0 ELSE u.requests END
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::bigint[])
    AS u (id, key_id, address, agent, at, requests)
JOIN keys_apikey k ON k.id = u.key_id
ON CONFLICT (tenant_id, key_id, address, agent) DO UPDATE SET
    last_at = greatest(c.last_at, excluded.last_at),
    requests = c.requests + excluded.requests,
    requests_since_rotation = c.requests_since_rotation + excluded.requests_since_rotation
"""
DROP_OLDEST = """
DELETE FROM keys_keycaller WHERE id IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY key_id ORDER BY last_at DESC, id) AS place
        FROM keys_keycaller WHERE key_id = ANY (%s::uuid[])
    ) placed WHERE place > %s)
"""
LAST_USE = """
UPDATE keys_apikey k SET last_used_at = u.at, last_used_address = u.address
FROM (
    SELECT DISTINCT ON (key_id) key_id, at, address
    FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[]) AS each (key_id, at, address)
    ORDER BY key_id, at DESC
) u
WHERE k.id = u.key_id AND (k.last_used_at IS NULL OR k.last_used_at <= u.at)
"""


@dataclass(frozen=True, slots=True)
class Use:
    """How often one caller showed one key since the last writing, and when at last."""

    key_id: uuid.UUID
    address: str
    agent: str
    at: datetime
    requests: int


@lru_cache(maxsize=4096)
def named(address: str | None, user_agent: str) -> str:
    """A caller as the counting script takes it: address, one space, product. Neither holds a space."""
    return f"{address or ''} {product_of(user_agent)}"


def product_of(user_agent: str) -> str:
    """`python-requests` of `python-requests/2.32`, the first product of RFC 9110, 10.1.5, without its version."""
    found = _PRODUCT.match(user_agent)
    return found[0] if found else UNNAMED


def note(uses: Sequence[Use]) -> None:
    """Write uses of keys of the tenant that the work is in; three statements in one trip, however many they are."""
    keys, addresses = [use.key_id for use in uses], [use.address for use in uses]
    agents, moments, counts = [use.agent for use in uses], [use.at for use in uses], [use.requests for use in uses]
    run(
        [
            (NOTE, ([uuid7() for _ in uses], keys, addresses, agents, moments, counts)),
            (DROP_OLDEST, (list(set(keys)), MOST_PER_KEY)),
            (LAST_USE, (keys, moments, addresses)),
        ]
    )
