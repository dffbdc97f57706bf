"""More people of a vendor."""

import secrets

from apps.accounts import actions as accounts
from apps.accounts.models import Membership, User
from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from tests.people import VendorWorld


def colleague(vendor: VendorWorld, role: Membership.Role = Membership.Role.CLINICIAN, name: str = "Kim Rao") -> User:
    """Someone else who works at the vendor."""
    with acting_as(system_actor(vendor.tenant.id)):
        return accounts.add_staff(email=f"colleague-{secrets.token_hex(4)}@example.org", name=name, role=role)
