"""What can be done with a tenant's keys: replace them, or destroy them and with them its protected data."""

import uuid
from collections.abc import Callable

from apps.audit.recording import record as audit_record
from apps.core.actor import Actor, system_actor
from apps.core.errors import Conflict
from apps.tenants.context import acting_as
from apps.tenants.models import Tenant
from apps.vault import keyring, rotation
from apps.vault.models import DataKey, RotationProgress

Stopped = Callable[[], bool]
Looked = Callable[[int], object]


class CannotRotate(Conflict):
    code = "cannot_rotate"


class WrongTenant(Conflict):
    code = "wrong_tenant"


def tenants_with_keys(slug: str | None = None) -> list[Tenant]:
    """The tenants that have a data key, or the one of that slug if it has; by slug."""
    found = Tenant.objects.order_by("slug")
    return [tenant for tenant in (found if slug is None else found.filter(slug=slug)) if _has_key(tenant)]


def _has_key(tenant: Tenant) -> bool:
    living = DataKey.objects.filter(tenant_id=tenant.id, purpose=DataKey.Purpose.DATA, retired_at=None)
    with acting_as(system_actor(tenant.id, door="command"), durable=False):
        return living.exists()


def begin_rotation(*, actor: Actor) -> list[RotationProgress]:
    """Give the actor's tenant a new data key, or go on with a rotation that was stopped.

    Returns one progress per protected column. Raises `CannotRotate` when the database would refuse the writing.
    """
    with acting_as(actor):
        reason = rotation.why_not_rotate()
        if reason is not None:
            raise CannotRotate(reason)
        columns = rotation.begin(actor.tenant_id)
        audit_record(
            "vault.rotation_started", reason="operator", details={"data_key": columns[0].key_id if columns else 0}
        )
        return columns


def seal_anew(
    columns: list[RotationProgress], *, actor: Actor, stopped: Stopped = lambda: False, looked: Looked = lambda _: None
) -> bool:
    """Bring the columns' rows under the new key, batch by batch; False when `stopped` said so between two.

    `looked` hears how many rows each batch had.
    """
    for progress in columns:
        rows = -1
        while rows:
            if stopped():
                return False
            with acting_as(actor):
                rows = rotation.advance(progress)
            looked(rows)
    return True


def finish_rotation(columns: list[RotationProgress], *, actor: Actor, stopped: Stopped = lambda: False) -> bool:
    """Look once more for rows sealed under the old key meanwhile, then close the rotation; False when stopped.

    Call it when `rotation.seconds_until_all_know` is 0: earlier, another process may still add such rows.
    """
    with acting_as(actor):
        for progress in columns:
            rotation.sweep_again(progress)
    if not seal_anew(columns, actor=actor, stopped=stopped):
        return False
    with acting_as(actor):
        for progress in columns:
            rotation.finish(progress)
        unreadable = sum(progress.unreadable for progress in columns)
        audit_record("vault.rotation_finished", reason="operator", details={"unreadable": unreadable})
    return True


def erase_tenant_data(*, tenant_id: uuid.UUID, actor: Actor, confirmed_slug: str) -> int:
    """Destroy every key of the tenant: nothing protected of it can be opened again, by anyone. Returns their number.

    Raises `WrongTenant` unless `confirmed_slug` is the tenant's. Other processes forget the keys within
    `keyring.LIFE_SECONDS`. A backup of the database holds them wrapped until it expires, so where erasure has to reach
    backups, follow it by a rotation under a new `FIELD_ENCRYPTION_KEY` and destroy the old one.
    """
    with acting_as(actor):
        tenant = Tenant.objects.filter(pk=tenant_id).first()
        if tenant is None or tenant.slug != confirmed_slug or actor.tenant_id != tenant_id:
            raise WrongTenant("The confirmation does not name this tenant; nothing was erased.")
        keys = keyring.erase(tenant_id)
        audit_record("vault.erased", reason="operator", details={"keys": keys})
        return keys
