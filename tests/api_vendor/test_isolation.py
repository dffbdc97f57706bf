"""Isolation is the database's: the proof without any filter of ours."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection

from apps.core.actor import system_actor
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from apps.tenants.models import TenantOwned
from tests.people import VendorWorld


def test_a_query_without_a_filter_sees_only_the_own_tenant(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    mine, theirs = vendor.member(), other_vendor.member()
    with acting_as(system_actor(vendor.tenant.id)):
        seen = set(Assignment.objects.all().values_list("id", flat=True))
    assert mine.id in seen
    assert theirs.id not in seen


def test_no_table_shows_a_row_of_another_tenant_when_nothing_filters(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    for world in (vendor, other_vendor):
        world.member()
        world.key()
    owned = [model for model in apps.get_models() if issubclass(model, TenantOwned)]
    with acting_as(system_actor(vendor.tenant.id)):
        seen = {model: set(model._base_manager.values_list("tenant_id", flat=True)) for model in owned}
    assert {tenant for tenants in seen.values() for tenant in tenants} == {vendor.tenant.id}
    assert len(owned) > 20


def test_without_a_tenant_nothing_is_found(vendor: VendorWorld) -> None:
    vendor.member()
    assert not Assignment.objects.all().exists()


def test_a_row_cannot_be_written_into_another_tenant(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    member = vendor.member()
    with pytest.raises(DatabaseError), acting_as(system_actor(vendor.tenant.id)):
        Assignment.objects.filter(id=member.id).update(tenant_id=other_vendor.tenant.id)


@pytest.mark.parametrize("sql", ["UPDATE audit_record SET action = 'x'", "DELETE FROM audit_record"])
def test_the_audit_record_can_only_grow(vendor: VendorWorld, sql: str) -> None:
    with pytest.raises(DatabaseError), acting_as(system_actor(vendor.tenant.id)), connection.cursor() as cursor:
        cursor.execute(sql)
