"""Live and sandbox: whose keys an administrator manages from one workplace.

At the live organisation both its own keys and its sandbox's, since the first administrator of a vendor works at the live
one alone; in the sandbox the sandbox's only, so that nobody who works just there gets at the live keys.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from apps.keys.errors import KeyNotFound
from apps.keys.models import APIKey
from apps.tenants.context import current_work, within
from apps.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class World:
    """One of a vendor's two tenants."""

    tenant_id: uuid.UUID
    is_sandbox: bool

    @property
    def name(self) -> str:
        return "sandbox" if self.is_sandbox else "live"

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Work in it, whichever of the two the work is in."""
        if self.tenant_id == current_work().tenant_id:
            yield
        else:
            with within(self.tenant_id):
                yield


def worlds() -> tuple[World, ...]:
    """Those of the tenant that the work is in: itself, and its sandbox if it has one."""
    tenant = Tenant.objects.get(id=current_work().tenant_id)
    own = World(tenant.id, tenant.is_sandbox)
    return (own, World(tenant.twin_id, True)) if tenant.twin_id else (own,)


@contextmanager
def in_world_of(key_id: uuid.UUID) -> Iterator[tuple[World, APIKey]]:
    """Work in the world of that key. `KeyNotFound` where none of the worlds has it."""
    for world in worlds():
        with world.entered():
            key = APIKey.objects.of_tenant(world.tenant_id).filter(id=key_id).select_related("replaced_by").first()
            if key is not None:
                yield world, key
                return
    raise KeyNotFound
