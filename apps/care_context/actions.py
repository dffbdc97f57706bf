"""Verbs of the care context: read the current one, replace it."""

import uuid
from typing import Unpack

from apps.audit import recording as audit
from apps.care_context.errors import StaleCareContext
from apps.care_context.models import CareContext, CareContextVersion, Content
from apps.core.clock import now
from apps.events import recording as events
from apps.members.actions import require_assigned
from apps.tenants.context import current_work


def current(member_id: uuid.UUID) -> CareContext:
    """The care context of an assigned member; an unsaved empty one at version 0 when none was ever set."""
    require_assigned(member_id)
    return _current(member_id)


def update(*, member_id: uuid.UUID, version: int, **content: Unpack[Content]) -> CareContext:
    """Replace an assigned member's care context, which was read at `version`, and keep the new version for good.

    Raises `MemberNotFound`, and `StaleCareContext` when the current version is another.
    """
    # The assignment is what two writers meet at: before version 1 there is no row of our own to lock.
    require_assigned(member_id, lock=True)
    context = _current(member_id)
    if context.version != version:
        raise StaleCareContext(current=context.version, sent=version)
    for field, value in content.items():
        setattr(context, field, value)
    context.version += 1
    context.updated_at = now()
    context.updated_by = current_work().actor.reference()
    context.save(force_insert=version == 0, force_update=version > 0)
    _keep(context, content)
    audit.record("care_context.updated", rows=[context.id], member_id=member_id, details={"version": context.version})
    events.record("care_context.updated", member_id=member_id, data={"version": context.version})
    return context


def _current(member_id: uuid.UUID) -> CareContext:
    tenant_id = current_work().tenant_id
    found = CareContext.objects.filter(tenant_id=tenant_id, member_id=member_id).first()
    return found or CareContext(tenant_id=tenant_id, member_id=member_id)


def _keep(context: CareContext, content: Content) -> None:
    CareContextVersion.objects.create(
        tenant_id=context.tenant_id,
        member_id=context.member_id,
        version=context.version,
        snapshot=dict(content),
        made_at=context.updated_at or now(),
        made_by=context.updated_by,
    )
