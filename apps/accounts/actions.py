"""Verbs of organisations and their staff: open a vendor with its sandbox, suspend, reactivate, add staff.

The vendor's verbs are the operator's: they act in the platform's tenant and are audited there and at the vendor.
"""

import uuid
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from apps.accounts.errors import SlugTaken
from apps.accounts.models import Membership, User, presented
from apps.audit import recording as audit
from apps.core.database import run
from apps.core.errors import NotFound
from apps.events.wakeup import announce
from apps.tenants.context import current_work, within
from apps.tenants.models import Tenant
from apps.vault import keyring


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor's two tenants."""

    live: Tenant
    sandbox: Tenant


def open_vendor(*, slug: str, name: str, timezone: str = "UTC") -> Vendor:
    """Make a tenant and its sandbox twin, each with data keys of its own. Conflict when the slug is taken."""
    if Tenant.objects.filter(slug__iexact=slug).exists():
        raise SlugTaken(f"The slug {slug} is taken; choose another.")
    sandbox = Tenant.objects.create(slug=f"{slug}-sandbox", name=name, is_sandbox=True, timezone=timezone)
    live = Tenant.objects.create(slug=slug, name=name, twin=sandbox, timezone=timezone)
    for tenant in (live, sandbox):
        keyring.ensure_keys(tenant.id)
        with within(tenant.id):
            audit.record("vendor.opened", rows=[tenant.id], reason="operator")
    return Vendor(live, sandbox)


def suspend(*, tenant_id: uuid.UUID) -> None:
    """Refuse a vendor's keys and people, and its sandbox's, from their next request on."""
    _set_status(tenant_id, Tenant.Status.SUSPENDED, "vendor.suspended")


def reactivate(*, tenant_id: uuid.UUID) -> None:
    _set_status(tenant_id, Tenant.Status.ACTIVE, "vendor.reactivated")


def _set_status(tenant_id: uuid.UUID, status: Tenant.Status, action: str) -> None:
    tenant = Tenant.objects.select_for_update().filter(id=tenant_id, kind=Tenant.Kind.VENDOR).first()
    if tenant is None:
        raise NotFound("There is no such vendor.")
    twins = [tenant.id, *([tenant.twin_id] if tenant.twin_id else [])]
    Tenant.objects.filter(id__in=twins).update(status=status)
    for twin in twins:
        with within(twin):
            audit.record(action, rows=[twin], reason="operator")
        transaction.on_commit(partial(announce, twin))


def add_staff(*, email: str, name: str, role: Membership.Role, password: str | None = None) -> User:
    """Make someone a member of staff of the tenant that the work is in; an account they already have is used as it is."""
    work = current_work()
    email = email.lower()
    with presented(email):
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User(email=email, name=name)
            user.set_password(password)
            user.save(force_insert=True)
        Membership.objects.get_or_create(tenant_id=work.tenant_id, user=user, role=role, ended_at=None)
    audit.record("staff.added", rows=[user.id], reason="administration", details={"role": str(role)})
    return user


def set_password(*, user: User, password: str) -> None:
    """Give an account a new password, on behalf of the person whose it is."""
    user.set_password(password)
    with presented(user.email):
        user.save(update_fields=["password"])
    audit.record("account.password_set", rows=[user.id], reason="sign_in")


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation where someone works."""

    tenant_id: uuid.UUID
    name: str
    is_sandbox: bool
    roles: tuple[str, ...]


WORKPLACES = "SELECT * FROM accounts_workplaces(%s)"


def workplaces_of(user_id: uuid.UUID) -> list[Place]:
    """Where a person works now, live organisations first; for the person alone, whatever tenant is set."""
    with transaction.atomic():
        return [Place(row[0], row[1], row[2], tuple(row[3])) for row in run([(WORKPLACES, (user_id,))])[0]]
