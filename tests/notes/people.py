"""Who works around a note: a supervisor of its clinician, and a colleague."""

import secrets

from django.test import Client

from apps.accounts import actions as accounts
from apps.accounts.models import Cover, Membership, User
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from tests.people import VendorWorld
from tests.portal.people import portal


def staff(vendor: VendorWorld, name: str, role: Membership.Role) -> User:
    with acting_as(system_actor(vendor.tenant.id)):
        return accounts.add_staff(email=f"{secrets.token_hex(5)}@example.org", name=name, role=role)


def supervisor_of(vendor: VendorWorld, name: str = "Dr Mara Lindqvist") -> User:
    """Someone new who supervises the vendor's clinician from now on."""
    supervisor = staff(vendor, name, Membership.Role.SUPERVISOR)
    with acting_as(system_actor(vendor.tenant.id)):
        Membership.objects.filter(tenant_id=vendor.tenant.id, user=vendor.clinician).update(supervisor=supervisor)
    return supervisor


def needs_cosigning(vendor: VendorWorld, share: int = 100) -> User:
    """A supervisor whose co-signature the notes of the vendor's clinician need."""
    supervisor = supervisor_of(vendor)
    rule(portal(vendor, vendor.admin), vendor.clinician, supervisor, share=share)
    return supervisor


def rule(client: Client, clinician: User, cosigner: User | None, *, share: int = 100, last_day: str = "") -> int:
    sent = {"clinician": clinician.id, "cosigner": cosigner.id if cosigner else "", "share": share}
    return client.post("/portal/notes/cosigning/", {**sent, "last_day": last_day}).status_code


def colleague_of(vendor: VendorWorld, *, covering: bool = False) -> Client:
    colleague = staff(vendor, "Kim Rao", Membership.Role.CLINICIAN)
    if covering:
        with acting_as(system_actor(vendor.tenant.id)):
            Cover.objects.create(tenant_id=vendor.tenant.id, clinician=vendor.clinician, covered_by=colleague)
    return portal(vendor, colleague)
