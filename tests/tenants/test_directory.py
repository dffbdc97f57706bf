"""Tenants are opened, suspended and renamed by the operator alone."""

import secrets
from typing import Any

import pytest
from django.db import DatabaseError

from apps.core.actor import system_actor
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID, Tenant
from tests.people import VendorWorld


@pytest.mark.parametrize("change", [{"status": "suspended"}, {"twin": None}, {"name": "Ours"}])
def test_a_vendor_changes_no_tenant_and_the_operator_does(
    vendor: VendorWorld, other_vendor: VendorWorld, change: dict[str, Any]
) -> None:
    tenants = Tenant.objects.filter(id__in=[vendor.tenant.id, other_vendor.tenant.id])
    with acting_as(system_actor(vendor.tenant.id)):
        assert tenants.update(**change) == 0
    with acting_as(system_actor(PLATFORM_ID)):
        assert tenants.update(**change) == 2


def test_a_vendor_makes_no_tenant(vendor: VendorWorld) -> None:
    with pytest.raises(DatabaseError), acting_as(system_actor(vendor.tenant.id)):
        Tenant.objects.create(slug=f"ours-{secrets.token_hex(5)}", name="Ours")


def test_a_slug_never_changes(vendor: VendorWorld) -> None:
    with pytest.raises(DatabaseError), acting_as(system_actor(PLATFORM_ID)):
        Tenant.objects.filter(id=vendor.tenant.id).update(slug=f"other-{secrets.token_hex(5)}")
