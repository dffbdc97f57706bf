"""Whose wrapped keys a query comes upon."""

from django.db import transaction

from apps.core.actor import system_actor
from apps.core.database import run
from apps.tenants.context import acting_as
from apps.tenants.models import PLATFORM_ID
from apps.vault import keyring
from apps.vault.cipher import seal, unseal
from apps.vault.models import DataKey
from tests.people import VendorWorld


def tenants_seen() -> set[object]:
    return set(DataKey.objects.values_list("tenant_id", flat=True))


def test_a_tenants_keys_are_seen_in_its_own_context_alone(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    with transaction.atomic():
        assert tenants_seen() == set()
    for tenant_id in (vendor.tenant.id, other_vendor.tenant.id, PLATFORM_ID):
        with acting_as(system_actor(tenant_id)):
            assert tenants_seen() <= {tenant_id}


def test_a_work_opens_what_another_tenant_sealed_and_stays_where_it_is(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    theirs, row_id = other_vendor.tenant.id, vendor.tenant.id
    with acting_as(system_actor(vendor.tenant.id)):
        sealed = seal(theirs, "t", "c", row_id, b"hello")
        keyring.forget()
        assert unseal(theirs, "t", "c", row_id, sealed) == b"hello"
        assert tenants_seen() == {vendor.tenant.id}
        assert run([("SELECT current_setting('throughline.tenant_id')", ())])[0] == [(str(vendor.tenant.id),)]
