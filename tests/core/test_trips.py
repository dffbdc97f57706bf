"""Transactions in few trips: what was sent together stands or falls together, and leaves the connection usable."""

import uuid

import psycopg
import pytest
from django.db import DataError, IntegrityError, connection, transaction

from apps.audit import recording as audit
from apps.core.actor import Actor, system_actor
from apps.core.database import run, run_later
from apps.core.ids import uuid7
from apps.keys import actions as keys
from apps.keys.models import SCOPES
from apps.members.models import Person
from apps.tenants.context import KeyNoLongerValid, acting_as
from tests.ground import services
from tests.people import VendorWorld

ADD = "INSERT INTO members_person (id, created_at) VALUES (%s, now())"
COUNT = "SELECT count(*) FROM members_person WHERE id = ANY(%s)"


def test_a_value_that_cannot_be_sent_leaves_the_connection_usable(vendor: VendorWorld) -> None:
    with pytest.raises(DataError), acting_as(vendor.actor):
        run([("SELECT %s::text", ("a\x00b",))])
    with acting_as(vendor.actor):
        assert run([("SELECT %s::text", ("ab",))]) == [[("ab",)]]


def test_an_error_undoes_what_was_sent_before_and_behind_it(vendor: VendorWorld) -> None:
    first, second = uuid7(), uuid7()
    with pytest.raises(IntegrityError), acting_as(vendor.actor):
        run([(ADD, (first,)), (ADD, (first,)), (ADD, (second,))])
    with acting_as(vendor.actor):
        assert run([(COUNT, ([first, second],))]) == [[(0,)]]


def test_a_revoked_key_does_nothing_of_what_was_sent_with_it(vendor: VendorWorld) -> None:
    row, _ = vendor.key(SCOPES)
    actor = Actor(kind="key", id=row.id, name=row.name, tenant_id=vendor.tenant.id)
    with acting_as(system_actor(vendor.tenant.id)):
        keys.revoke(key_id=row.id)
    made = uuid7()
    with pytest.raises(KeyNoLongerValid), acting_as(actor):
        run([(ADD, (made,))])
    with pytest.raises(KeyNoLongerValid), acting_as(actor):
        Person.objects.create(id=made)
    assert not Person.objects.filter(id=made).exists()


def _add_and_fail(made: uuid.UUID) -> None:
    Person.objects.create(id=made)
    raise ZeroDivisionError


def _work_and_fail(vendor: VendorWorld, made: uuid.UUID) -> None:
    with acting_as(vendor.actor):
        run([(ADD, (made,))])
        audit.record("member.listed")
    raise ZeroDivisionError


def test_the_orm_finds_the_transaction_begun(vendor: VendorWorld) -> None:
    made = uuid7()
    with pytest.raises(ZeroDivisionError), acting_as(vendor.actor):
        _add_and_fail(made)
    assert not Person.objects.filter(id=made).exists()


def test_work_inside_a_wider_transaction_leaves_its_commit_to_that(vendor: VendorWorld) -> None:
    made = uuid7()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _work_and_fail(vendor, made)
    assert not Person.objects.filter(id=made).exists()


def test_a_connection_that_the_server_closed_is_opened_anew(vendor: VendorWorld) -> None:
    with acting_as(vendor.actor):
        [[(process,)]] = run([("SELECT pg_backend_pid()", ())])
    with psycopg.connect(services().superuser_database_url, autocommit=True) as other:
        # Returns once the other has ended, or after 5 s.
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    with acting_as(vendor.actor):
        assert run([("SELECT pg_backend_pid() <> %s", (process,))]) == [[(True,)]]


def test_what_runs_later_runs_before_the_next_statement_and_no_later_than_the_commit(vendor: VendorWorld) -> None:
    first, second, third = uuid7(), uuid7(), uuid7()
    with acting_as(vendor.actor):
        run_later((ADD, (first,)))
        assert run([(COUNT, ([first],))]) == [[(1,)]]
        run_later((ADD, (second,)))
        assert Person.objects.filter(id=second).exists()
        run_later((ADD, (third,)))
    assert Person.objects.filter(id__in=[first, second, third]).count() == 3


def test_what_runs_later_and_fails_undoes_the_work(vendor: VendorWorld) -> None:
    made = uuid7()
    with pytest.raises(IntegrityError), acting_as(vendor.actor):
        run_later((f"{ADD}, (%s, now())", (made, made)))
    assert not Person.objects.filter(id=made).exists()


def test_what_follows_a_commit_works_in_the_same_tenant(vendor: VendorWorld) -> None:
    tenant = "SELECT current_setting('throughline.tenant_id', true)"
    with acting_as(vendor.actor):
        assert run([(tenant, ())], commit=True) == run([(tenant, ())]) == [[(str(vendor.tenant.id),)]]
    with connection.cursor() as cursor:
        cursor.execute(tenant)
        assert cursor.fetchone() == ("",)
