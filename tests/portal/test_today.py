"""Today shows what waits for the person, and nothing of anyone else's."""

from datetime import timedelta
from uuid import UUID

from apps.core.actor import Actor
from apps.core.clock import now
from apps.crisis import actions as crisis
from apps.notes import actions as notes
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.people import VendorWorld
from tests.portal.people import portal


def flag(vendor: VendorWorld, last_name: str, severity: str) -> None:
    member = vendor.member(last_name=last_name)
    with acting_as(vendor.actor):
        crisis.raise_flag(
            member_id=member.person_id, category="self_harm", severity=severity, description="Said so in the session."
        )


def test_the_most_urgent_flag_comes_first_and_another_vendors_never(
    vendor: VendorWorld, other_vendor: VendorWorld
) -> None:
    flag(vendor, "Larkspur", "low")
    flag(vendor, "Thistlewood", "critical")
    flag(other_vendor, "Quagmire", "critical")
    page = portal(vendor, vendor.clinician).get("/portal/").content.decode()
    assert 0 < page.index("Thistlewood") < page.index("Larkspur")
    assert "Quagmire" not in page


def test_an_unsigned_note_waits_for_its_author(vendor: VendorWorld) -> None:
    member = vendor.member(last_name="Thistlewood")
    body = {"member_id": str(member.person_id), "session_type": "individual", "modality": "video"}
    started = now() - timedelta(hours=2)
    times = {"started_at": started.isoformat(), "ended_at": (started + timedelta(minutes=50)).isoformat()}
    session = vendor.api.post("/sessions/", {**body, **times, "clinician_id": str(vendor.clinician.id)}).json()
    begin_note(vendor.actor, session["id"])
    page = portal(vendor, vendor.clinician).get("/portal/").content.decode()
    assert "Free text" in page
    assert "Every note that you began is signed." not in page


def begin_note(actor: Actor, session_id: str) -> None:
    with acting_as(actor):
        notes.write(session_id=UUID(session_id), note_type="free_text", content={"body": "Went well."})


def test_the_page_takes_at_most_twelve_statements_however_much_waits(vendor: VendorWorld) -> None:
    for _ in range(5):
        flag(vendor, "Thistlewood", "high")
    client = portal(vendor, vendor.clinician)
    client.get("/portal/")
    asked = statements(lambda: client.get("/portal/").status_code, 200)
    assert len(asked) <= 12, [each[:80] for each in asked]
