"""A signed note that should not be there is marked, never removed; the right one may take its place."""

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction

from apps.accounts.models import Membership
from apps.audit.models import Record
from apps.core.database import run
from apps.notes.models import Note, NoteRetraction
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.handoffs.steps import EVERYTHING, body
from tests.notes.people import colleague_of, staff, supervisor_of
from tests.notes.test_pages import SOAP, Desk
from tests.notes.test_sign import write as write_through_api
from tests.people import VendorWorld
from tests.portal.people import portal

WHY = {"why": "wrong_session", "reason": "It belongs to <b>Tuesday</b>."}


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


@pytest.fixture
def signed(desk: Desk) -> str:
    note = desk.write()
    desk.sign(note)
    return note


def retract(desk: Desk, note: str, **changes: str) -> int:
    return desk.client.post(f"{note}retract/", {**WHY, **changes}).status_code


def test_a_retracted_note_stays_marked_with_who_when_and_why_and_its_words_behind_a_disclosure(
    desk: Desk, signed: str
) -> None:
    assert "It cannot be taken back" in desk.page(f"{signed}retract/")
    assert retract(desk, signed) == 302
    page = desk.page(signed)
    assert "Retracted by Dr Sam Okafor" in page
    assert "it is about another session" in page
    assert "It belongs to &lt;b&gt;Tuesday&lt;/b&gt;." in page
    assert page.index("<summary>Show what it said") < page.index("slept badly") < page.rindex("</details>")
    assert ">Retracted<" in desk.page(desk.root)
    with acting_as(desk.vendor.actor):
        record = Record.objects.get(action="note.retracted")
    assert record.details == {"why": "wrong_session"}
    assert str(record.rows[0]) in signed


def test_it_asks_which_reason_and_what_happened_and_is_retracted_once(desk: Desk, signed: str) -> None:
    assert retract(desk, signed, why="") == 422
    assert retract(desk, signed, reason="  ") == 422
    assert retract(desk, signed, why="bored") == 422
    assert [retract(desk, signed), retract(desk, signed)] == [302, 409]
    assert desk.client.get(f"{signed}retract/").status_code == 409
    with acting_as(desk.vendor.actor):
        assert NoteRetraction.objects.count() == 1


def test_a_draft_is_not_retracted(desk: Desk) -> None:
    note = desk.write()
    assert retract(desk, note) == 409
    assert desk.notes()[0].state == "draft"


def test_the_session_may_get_the_right_note_of_that_type_and_only_one(desk: Desk, signed: str) -> None:
    second, third = desk.write({**SOAP, "plan": "second"}), desk.write({**SOAP, "plan": "third"})
    assert desk.sign(second).status_code == 409
    retract(desk, signed)
    assert desk.sign(second).status_code == 302
    assert desk.sign(third).status_code == 409


def test_the_wire_keeps_its_shape_and_says_it_by_an_addendum(desk: Desk, signed: str) -> None:
    before = desk.vendor.api.get("/notes/").json()["results"]
    retract(desk, signed)
    statement, note = desk.vendor.api.get("/notes/").json()["results"]
    assert [note] == before
    assert set(statement) == set(note)
    assert (statement["status"], statement["addendum_to"]) == ("signed", note["id"])
    assert statement["content"]["body"].startswith("Retracted. It is about another session. Reason: It belongs")


def test_it_does_not_travel_with_a_handoff(desk: Desk, other_vendor: VendorWorld, signed: str) -> None:
    retract(desk, signed)
    kept = desk.write({**SOAP, "plan": "kept"}, "soap")
    desk.sign(kept)
    made = desk.vendor.api.post("/handoffs/", body(other_vendor, desk.member, EVERYTHING)).json()
    context = desk.vendor.api.get(f"/handoffs/{made['id']}/context/").json()
    assert [note["content"]["plan"] for note in context["notes"]] == ["kept"]
    assert "slept badly" not in str({**context, "notes": []})


def test_its_signer_and_supervisors_retract_it_and_nobody_else(desk: Desk, signed: str) -> None:
    covering = colleague_of(desk.vendor, covering=True)
    assert "disabled aria-describedby" in covering.get(signed).content.decode()
    assert covering.post(f"{signed}retract/", WHY).status_code == 403
    assert colleague_of(desk.vendor).post(f"{signed}retract/", WHY).status_code == 404
    assert portal(desk.vendor, desk.vendor.admin).post(f"{signed}retract/", WHY).status_code == 403
    assert portal(desk.vendor, supervisor_of(desk.vendor)).post(f"{signed}retract/", WHY).status_code == 302


def test_what_is_about_another_person_is_read_by_its_signer_and_supervisors_alone(desk: Desk, signed: str) -> None:
    retract(desk, signed, why="wrong_member")
    covering = colleague_of(desk.vendor, covering=True)
    for path in (signed, f"{signed}print/", f"{signed}addendum/"):
        page = covering.get(path).content.decode()
        assert "slept badly" not in page
        assert "Retracted" in page or "RETRACTED" in page
    assert "slept badly" in desk.page(signed)
    assert "slept badly" in portal(desk.vendor, supervisor_of(desk.vendor)).get(signed).content.decode()


def test_a_broken_glass_does_not_open_it(desk: Desk, signed: str) -> None:
    retract(desk, signed)
    stranger = portal(desk.vendor, staff(desk.vendor, "Kim Rao", Membership.Role.SUPERVISOR))
    reason = {"reason": "Called from the ward about her medication.", "password": "correct horse battery staple"}
    stranger.post(f"/portal/members/{desk.member}/break-glass/", reason)
    page = stranger.get(signed).content.decode()
    assert "A broken glass does not open what was retracted." in page
    assert "slept badly" not in page


def test_the_retraction_of_a_psychotherapy_note_is_kept_apart_like_the_note(desk: Desk) -> None:
    note = desk.write({"body": "between us"}, "psychotherapy")
    desk.sign(note)
    sent = {"kind": "addition", "body": "more of it", "do": "sign", "token": "01a213fe-8cb2-7221-8112-c5011e302685"}
    desk.client.post(f"{note}addendum/", sent)
    retract(desk, note)
    assert {each.note_type for each in desk.notes()} == {"psychotherapy"}


def test_the_database_lets_the_mark_be_put_once_and_only_beside_its_reason(vendor: VendorWorld) -> None:
    note = write_through_api(vendor, Desk(vendor).session, signed=True)
    with acting_as(vendor.actor):
        for change in ("retracted_at = now()", "retracted_at = now(), version = 2"):
            with pytest.raises(IntegrityError), transaction.atomic():
                run([(f"UPDATE notes_note SET {change} WHERE id = %s", (note.id,))])


def test_nor_is_a_mark_taken_away_or_another_reason_put_in_its_place(desk: Desk, signed: str) -> None:
    retract(desk, signed)
    with acting_as(desk.vendor.actor):
        marked = Note.objects.get(retracted_at__isnull=False)
        for change in ("retracted_at = NULL", "retracted_at = now()", "content = content"):
            with pytest.raises(IntegrityError), transaction.atomic():
                run([(f"UPDATE notes_note SET {change} WHERE id = %s", (marked.id,))])
        for statement in ("DELETE FROM notes_noteretraction", "UPDATE notes_noteretraction SET why = 'duplicate'"):
            with pytest.raises(ProgrammingError), transaction.atomic():
                run([(statement, ())])
    for statement in ("DELETE FROM notes_noteretraction", "UPDATE notes_noteretraction SET why = 'duplicate'"):
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            cursor.execute("SELECT set_config('throughline.tenant_id', %s, true)", [str(desk.vendor.tenant.id)])
            with pytest.raises(IntegrityError), transaction.atomic("owner"):
                cursor.execute(statement)


def test_reading_a_retracted_note_stays_in_the_budget(desk: Desk, signed: str) -> None:
    retract(desk, signed)
    asked = statements(lambda: desk.client.get(signed).status_code, 200)
    assert len(asked) <= 12, asked
