"""Isolation is the database's: the proof without any filter of ours."""

import pytest
from django.db import DatabaseError, connection

from apps.core.actor import system_actor
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from tests.people import VendorWorld


def test_a_query_without_a_filter_sees_only_the_own_tenant(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    mine, theirs = vendor.member(), other_vendor.member()
    with acting_as(system_actor(vendor.tenant.id)):
        seen = set(Assignment.objects.all().values_list("id", flat=True))
    assert mine.id in seen
    assert theirs.id not in seen


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
