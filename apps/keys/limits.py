"""Key and limit in one trip: a script in Valkey remembers what a key may do and counts its minute.

The window begins with a key's first request and ends with the 60th whole second after it, so that the reset that is
told is the moment itself and never more than 60 s away. What Valkey remembers of a key only saves a look-up: whether
the key is still valid is decided by the database in the statement that sets the tenant. While Valkey is away each
process counts for itself.
"""

import hashlib
import time
import uuid
from dataclasses import dataclass

import msgspec
import redis

from apps.keys import valkey

WINDOW_SECONDS = 60
REMEMBERED_SECONDS = 300
USAGE = "throughline:key-callers"
# Beyond so many that wait to be written, a key's further callers are counted together, without address and agent.
MOST_WAITING = 20_000

# KEYS: what is remembered of the key. ARGV: what to remember if anything; the caller, as address, space, agent.
# Answers {remembered, count, the end of the window in Unix seconds}; a key that is not remembered is not counted.
SCRIPT = f"""
local known = ARGV[1]
if known == '' then
  known = redis.call('GET', KEYS[1])
  if not known then return false end
else
  redis.call('SET', KEYS[1], known, 'EX', {REMEMBERED_SECONDS})
end
local counter = KEYS[1] .. ':n'
local count = redis.call('INCR', counter)
local ends = redis.call('EXPIRETIME', counter)
local now = redis.call('TIME')
if ends < 0 then
  ends = now[1] + {WINDOW_SECONDS}
  redis.call('EXPIREAT', counter, ends)
end
local caller = ARGV[2]
if redis.call('HLEN', '{USAGE}') > {MOST_WAITING} then caller = ' ' end
local use = KEYS[1] .. ' ' .. caller
redis.call('HSET', '{USAGE}', use .. ' at', now[1])
redis.call('HINCRBY', '{USAGE}', use .. ' n', 1)
return {{known, count, ends}}
"""


class Known(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of a key: whose it is and what it may do."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    name: str
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Allowance:
    """`limit` a minute, `remaining` of them, `reset_at` in Unix seconds; `exceeded` when this call is over it."""

    limit: int
    remaining: int
    reset_at: int
    exceeded: bool
    shared: bool = True


SCRIPT_SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest().encode()
decode_known = msgspec.json.Decoder(Known).decode
_local_counts: dict[uuid.UUID, tuple[int, int]] = {}


def count_remembered(digest: bytes, caller: str) -> tuple[Known, Allowance] | None:
    """Count a call by the key of `digest` if Valkey remembers it; `caller` as `callers.named` names it. `ValkeyAway`."""
    return _count(digest, b"", caller)


def remember_and_count(digest: bytes, known: Known, caller: str) -> Allowance:
    """Remember a key that was just looked up, and count its call; falls back to this process's own count."""
    try:
        counted = _count(digest, msgspec.json.encode(known), caller)
    except valkey.ValkeyAway:
        counted = None
    return counted[1] if counted else _count_here(known)


def forget(digest: bytes) -> None:
    """Look the key up anew at its next call, as after a change of its limit or scopes."""
    try:
        valkey.client().delete(f"key:{digest.hex()}")
    except (redis.RedisError, OSError):
        valkey.mark_away()


def _count(digest: bytes, remembered: bytes, caller: str) -> tuple[Known, Allowance] | None:
    if valkey.is_away():
        raise valkey.ValkeyAway
    rest = (b"1", f"key:{digest.hex()}".encode(), remembered, caller.encode())
    try:
        try:
            found = valkey.ask(valkey.packed(b"EVALSHA", SCRIPT_SHA, *rest))
        except redis.exceptions.NoScriptError:
            found = valkey.ask(valkey.packed(b"EVAL", SCRIPT.encode(), *rest))
    except (redis.RedisError, OSError):
        valkey.mark_away()
        raise valkey.ValkeyAway from None
    if not found:
        return None
    known = decode_known(found[0])
    return known, _allowance(known.limit, int(found[1]), int(found[2]))


def _count_here(known: Known) -> Allowance:
    ends, count = _local_counts.get(known.id, (0, 0))
    if ends <= time.time():
        ends, count = int(time.time()) + WINDOW_SECONDS, 0
        if len(_local_counts) > 10_000:
            _local_counts.clear()
    _local_counts[known.id] = (ends, count + 1)
    return _allowance(known.limit, count + 1, ends, shared=False)


def _allowance(limit: int, count: int, ends: int, *, shared: bool = True) -> Allowance:
    return Allowance(limit, max(limit - count, 0), ends, count > limit, shared)
