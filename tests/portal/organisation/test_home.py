"""An administrator's home: where they arrive, and what waits for them."""

from apps.core.clock import now
from apps.crisis.models import CrisisFlag
from apps.members.models import Assignment
from tests.counting import statements
from tests.members.staff import Role, administering, hire, pressing_member
from tests.people import VendorWorld
from tests.portal.people import portal

HOME = "/portal/organisation/"


def test_an_administrator_arrives_at_the_organisation_and_a_clinician_at_today(vendor: VendorWorld) -> None:
    assert portal(vendor, vendor.admin).get("/portal/").headers["Location"] == HOME
    assert portal(vendor, vendor.clinician).get("/portal/").status_code == 200


def test_where_nothing_waits_it_says_so(vendor: VendorWorld) -> None:
    page = portal(vendor, vendor.admin).get(HOME).content.decode()
    assert "Nothing waits for you" in page
    assert "Nobody is on leave" in page


def test_what_waits_is_counted_the_most_pressing_first(vendor: VendorWorld) -> None:
    pressing_member(vendor)
    nobodys = vendor.member()
    with administering(vendor):
        Assignment.objects.filter(id=nobodys.id).update(primary_clinician=None)
        CrisisFlag.objects.filter(tenant_id=vendor.tenant.id).update(respond_by=now())
    admin = portal(vendor, vendor.admin)
    admin.post(
        "/portal/staff/invite/", {"email": "someone.new@example.org", "name": "Someone", "roles": [Role.CLINICIAN]}
    )
    colleague = hire(vendor)
    today = now().date().isoformat()
    admin.post("/portal/staff/leave/plan/", {"clinician": str(colleague.id), "starts_on": today})
    page = admin.get(HOME).content.decode()
    says = [
        "crisis flag is overdue for an answer",
        "clinician is away and nobody covers",
        "member has no clinician",
        "invitation is not accepted yet",
    ]
    places = [page.index(each) for each in says]
    assert places == sorted(places)
    assert colleague.name in page
    watched = admin.get(f"{HOME}concerns/").content.decode()
    assert says[0] in watched
    assert colleague.name not in watched


def test_it_keeps_to_its_statements(vendor: VendorWorld) -> None:
    admin = portal(vendor, vendor.admin)
    assert len(statements(lambda: admin.get(HOME).status_code, 200)) <= 12
