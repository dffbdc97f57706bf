"""Readings that share one statement."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.database import run_as_one
from apps.members.models import Assignment
from apps.tenants.context import acting_as
from apps.vault.records import restored
from tests.people import VendorWorld


def test_each_reading_keeps_its_own_rows_in_their_order(vendor: VendorWorld) -> None:
    numbers = ("SELECT n, %s::text AS word FROM generate_series(1, %s) AS n ORDER BY n DESC", ("a", 3))
    nothing = ("SELECT 1 AS one WHERE false", ())
    with CaptureQueriesContext(connection) as captured, acting_as(vendor.actor):
        found, none = run_as_one([numbers, nothing])
        assert run_as_one([]) == []
    assert (found, none) == ([{"n": n, "word": "a"} for n in (3, 2, 1)], [])
    assert len([each for each in captured.captured_queries if "json_agg" in each["sql"]]) == 1


def test_a_row_that_came_as_json_is_the_row_that_the_model_reads(vendor: VendorWorld) -> None:
    made = vendor.member(first_name="Ines", external_id="ours-1")
    with acting_as(vendor.actor):
        ((told,),) = run_as_one([Assignment.objects.filter(id=made.id).query.sql_with_params()])
        came, read = restored(Assignment, told), Assignment.objects.get(id=made.id)
    for field in Assignment._meta.concrete_fields:
        assert getattr(came, field.attname) == getattr(read, field.attname), field.attname
    assert not came._state.adding
