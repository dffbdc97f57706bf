"""What happened is appended for every tenant concerned at once."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.actor import system_actor
from apps.core.database import run
from apps.events import recording as events
from apps.events.models import Event
from apps.tenants.context import acting_as
from tests.people import VendorWorld


def types_of(vendor: VendorWorld) -> list[str]:
    with acting_as(system_actor(vendor.tenant.id)):
        return list(Event.objects.filter(tenant_id=vendor.tenant.id).order_by("id").values_list("type", flat=True))


def test_events_of_two_tenants_are_one_statement_and_each_stands_at_its_own(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    ours, theirs = vendor.tenant.id, other_vendor.tenant.id
    with CaptureQueriesContext(connection) as captured, acting_as(system_actor(ours)):
        for kind, tenant_id in (("a.one", theirs), ("a.two", ours), ("a.three", theirs)):
            events.record(kind, member_id=None, tenant_id=tenant_id)
    assert len([each for each in captured.captured_queries if "events_append" in each["sql"]]) == 1
    assert (types_of(vendor), types_of(other_vendor)) == (["a.two"], ["a.one", "a.three"])


def test_the_context_is_the_works_own_afterwards(vendor: VendorWorld, other_vendor: VendorWorld) -> None:
    append = (
        "SELECT events_append_to_each(%s::uuid[], '{a}'::text[], '{null}', '{now}', '{\"{}\"}'::text[], '{\"{}\"}')"
    )
    with acting_as(system_actor(vendor.tenant.id)):
        run([(append, ([other_vendor.tenant.id],))])
        assert run([("SELECT current_setting('throughline.tenant_id')", ())])[0] == [(str(vendor.tenant.id),)]
    assert types_of(other_vendor) == ["a"]


def test_each_event_of_one_statement_has_its_own_actor(vendor: VendorWorld) -> None:
    system = system_actor(vendor.tenant.id)
    with acting_as(vendor.actor):
        events.record("a.one", member_id=None)
        events.record("a.two", member_id=None, actor=system)
    with acting_as(system):
        actors = Event.objects.filter(tenant_id=vendor.tenant.id).order_by("id").values_list("actor", flat=True)
        assert list(actors) == [vendor.actor.reference(), system.reference()]
