"""Verbs of keys: issue, rotate, revoke; each is audited."""

import ipaddress
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from apps.audit import recording as audit
from apps.core.clock import now
from apps.core.errors import Invalid
from apps.core.ids import uuid7
from apps.events.wakeup import announce
from apps.keys import form
from apps.keys.errors import KeyMadeAlready, KeyNotFound, KeyNotRotatable, UnknownScope
from apps.keys.models import SCOPES, APIKey
from apps.keys.policies import why_not_rotate, why_not_until
from apps.tenants.context import current_work
from apps.tenants.models import Tenant

LONGEST_OVERLAP = timedelta(days=7)
MOST_NETWORKS = 50


def issue(
    *,
    name: str,
    scopes: Iterable[str],
    contract: str = "vendor",
    expires_at: datetime | None = None,
    networks: Iterable[str] = (),
    limit_per_minute: int = 100,
    made_by_id: uuid.UUID | None = None,
    key_id: uuid.UUID | None = None,
) -> tuple[APIKey, str]:
    """Make a key for the tenant that the work is in. Returns the row and the key itself, which is never shown again.

    Whoever may ask twice for one key says which, by `key_id`: the second asking raises `KeyMadeAlready`. Raises `Invalid`
    with the fields `expires_at` and `networks.0` (by place in the list), and `UnknownScope`.
    """
    work = current_work()
    if refusal := why_not_until(expires_at, now()):
        raise Invalid.field("expires_at", refusal)
    tenant = Tenant.objects.get(id=work.tenant_id)
    presented = form.generate(contract, sandbox=tenant.is_sandbox)
    key = APIKey(
        id=key_id or uuid7(),
        tenant_id=tenant.id,
        contract=contract,
        name=name,
        shown=presented[: form.SHOWN],
        digest=form.digest(presented),
        scopes=_known_scopes(scopes),
        networks=_networks(networks),
        limit_per_minute=limit_per_minute,
        expires_at=expires_at,
        made_by_id=made_by_id,
    )
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError:
        raise KeyMadeAlready("This form has made its key already.") from None
    audit.record("key.issued", rows=[key.id], reason="administration", details={"scopes": key.scopes})
    return key, presented


def rotate(*, key_id: uuid.UUID, overlap: timedelta, by_id: uuid.UUID | None = None) -> tuple[APIKey, str]:
    """A new key with the same settings; the old one lives on for `overlap` (0 to 7 days) and then dies by itself.

    It counts as made by `by_id`, or by whoever made the old one.
    """
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise Invalid.field("overlap", "The overlap is from 0 to 7 days.")
    old = _locked(key_id)
    if refusal := why_not_rotate(old, now()):
        raise KeyNotRotatable(refusal)
    new, presented = issue(
        name=old.name,
        scopes=old.scopes,
        contract=old.contract,
        expires_at=old.expires_at,
        networks=old.networks,
        limit_per_minute=old.limit_per_minute,
        made_by_id=by_id or old.made_by_id,
    )
    ends = now() + overlap
    old.expires_at = min(ends, old.expires_at) if old.expires_at else ends
    old.replaced_by = new
    old.save(update_fields=["expires_at", "replaced_by"])
    audit.record(
        "key.rotated",
        rows=[old.id, new.id],
        reason="administration",
        details={"overlap_s": int(overlap.total_seconds())},
    )
    return new, presented


def revoke(*, key_id: uuid.UUID, by_id: uuid.UUID | None = None) -> APIKey:
    """End a key now: its next request is refused, on every server."""
    key = _locked(key_id)
    if key.revoked_at is None:
        key.revoked_at = now()
        key.revoked_by_id = by_id
        key.save(update_fields=["revoked_at", "revoked_by"])
        audit.record("key.revoked", rows=[key.id], reason="administration")
        transaction.on_commit(lambda: announce(key.tenant_id))
    return key


def _locked(key_id: uuid.UUID) -> APIKey:
    key = APIKey.objects.select_for_update().filter(id=key_id).first()
    if key is None:
        raise KeyNotFound
    return key


def _known_scopes(scopes: Iterable[str]) -> list[str]:
    wanted = set(scopes)
    unknown = sorted(wanted - set(SCOPES))
    if unknown:
        message = f"Unknown scope: {', '.join(unknown)}. The scopes are {', '.join(SCOPES)}."
        raise UnknownScope(message, fields={"scopes": [message]})
    return [scope for scope in SCOPES if scope in wanted]


def _networks(networks: Iterable[str]) -> list[str]:
    """As they are kept: the network that each is in, every one once."""
    found: dict[str, None] = {}
    faults: dict[str, list[str]] = {}
    for place, network in enumerate(networks):
        try:
            found[str(ipaddress.ip_network(network.strip(), strict=False))] = None
        except ValueError:
            fault = (
                f"{network.strip()[:60]!r} is no network. Write it as CIDR, such as 203.0.113.0/24 or 2001:db8::/32."
            )
            faults[f"networks.{place}"] = [fault]
    if len(found) > MOST_NETWORKS:
        raise Invalid.field("networks", f"A key takes at most {MOST_NETWORKS} networks; give wider ones.")
    if faults:
        raise Invalid(next(iter(faults.values()))[0], fields=faults)
    return list(found)
