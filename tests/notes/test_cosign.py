"""A co-signature is a second signature beside the first; nothing is unlocked for it."""

from functools import partial
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connections, transaction
from django.test import Client

from apps.accounts.models import Membership
from apps.audit.models import Record
from apps.core.actor import system_actor
from apps.core.database import run
from apps.notes.models import Note, NoteSignature
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.notes.people import colleague_of, needs_cosigning, staff, supervisor_of
from tests.notes.test_digests import rewrite
from tests.notes.test_pages import Desk, hidden
from tests.notes.test_write import a_note
from tests.people import VendorWorld
from tests.portal.people import portal

QUEUE = "/portal/notes/to-cosign/"
WAITING_ONE = 'id="waiting-n" hx-swap-oob="true" class="count"><span class="visually-hidden">waiting: </span>1<'


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


@pytest.fixture
def supervisor(desk: Desk) -> Client:
    return portal(desk.vendor, needs_cosigning(desk.vendor))


@pytest.fixture
def signed(desk: Desk, supervisor: Client) -> str:
    note = desk.write()
    desk.sign(note)
    return note


def id_of(note: str) -> str:
    return note.rstrip("/").split("/")[-1]


def cosign(client: Client, note: str, **changes: str) -> int:
    page = client.get(f"{note}cosign/").content.decode()
    read = page.partition('name="read" value="')[2].partition('"')[0]
    return client.post(f"{note}cosign/", {"read": read, "confirmed": "on", **changes}).status_code


def add(desk: Desk, note: str, body: str = "And this.") -> None:
    sent = {**hidden(desk.page(f"{note}addendum/")), "kind": "addition", "body": body, "do": "sign"}
    assert desk.client.post(f"{note}addendum/", sent).status_code == 302


def signatures(desk: Desk) -> list[tuple[str, str]]:
    with acting_as(desk.vendor.actor):
        found = NoteSignature.objects.order_by("signed_at", "id")
        return [(each.role, each.signed_by["name"]) for each in found]


def test_what_is_signed_waits_for_the_supervisor_with_a_count_and_leaves_once_co_signed(
    desk: Desk, supervisor: Client, signed: str
) -> None:
    queue = supervisor.get(QUEUE).content.decode()
    assert f"{signed}cosign/" in queue
    assert WAITING_ONE in supervisor.get("/portal/waiting/").content.decode()
    assert "Waits</span> for the co-signature of Dr Mara Lindqvist" in desk.page(signed)
    assert cosign(supervisor, signed) == 302
    assert "Co-signed</span> by Dr Mara Lindqvist" in desk.page(signed)
    queue = supervisor.get(QUEUE).content.decode()
    assert "Nothing waits for your co-signature" in queue
    assert WAITING_ONE not in supervisor.get("/portal/waiting/").content.decode()
    assert signatures(desk) == [("signer", "Dr Sam Okafor"), ("cosigner", "Dr Mara Lindqvist")]
    with acting_as(desk.vendor.actor):
        assert [str(row) for row in Record.objects.get(action="note.cosigned").rows] == [id_of(signed)]


def test_the_note_stays_byte_for_byte_as_it_was_signed(desk: Desk, supervisor: Client, signed: str) -> None:
    before = desk.vendor.api.get("/notes/").json()
    cosign(supervisor, signed)
    assert desk.vendor.api.get("/notes/").json() == before


def test_it_is_confirmed_and_done_once(desk: Desk, supervisor: Client, signed: str) -> None:
    assert cosign(supervisor, signed, confirmed="") == 422
    assert supervisor.post(f"{signed}cosign/", {"read": "nonsense", "confirmed": "on"}).status_code == 422
    page = {"read": id_of(signed), "confirmed": "on"}
    assert [supervisor.post(f"{signed}cosign/", page).status_code for _ in range(2)] == [302, 409]
    assert len(signatures(desk)) == 2


def test_what_was_added_since_it_was_read_is_not_co_signed_unread(desk: Desk, supervisor: Client, signed: str) -> None:
    add(desk, signed)
    assert supervisor.post(f"{signed}cosign/", {"read": id_of(signed), "confirmed": "on"}).status_code == 409
    assert len(signatures(desk)) == 2
    assert cosign(supervisor, signed) == 302
    assert [role for role, _ in signatures(desk)].count("cosigner") == 2


def test_only_the_one_asked_co_signs(desk: Desk, supervisor: Client, signed: str) -> None:
    other = portal(desk.vendor, staff(desk.vendor, "Dr Else", Membership.Role.SUPERVISOR))
    page = {"read": id_of(signed), "confirmed": "on"}
    assert other.post(f"{signed}cosign/", page).status_code == 404
    assert desk.client.post(f"{signed}cosign/", page).status_code == 403
    assert colleague_of(desk.vendor, covering=True).post(f"{signed}cosign/", page).status_code == 403
    assert portal(desk.vendor, desk.vendor.admin).get(QUEUE).status_code == 403
    assert "Nothing waits" in other.get(QUEUE).content.decode()
    assert len(signatures(desk)) == 1


def test_another_tenants_note_is_not_there(desk: Desk, supervisor: Client, other_vendor: VendorWorld) -> None:
    theirs = Desk(other_vendor)
    note = theirs.write()
    theirs.sign(note)
    assert supervisor.get(f"{note}cosign/").status_code == 404
    assert supervisor.post(f"{note}return/", {"comment": "x"}).status_code == 404


def test_a_returned_note_waits_for_its_author_then_for_the_supervisor_again(
    desk: Desk, supervisor: Client, signed: str
) -> None:
    assert supervisor.post(f"{signed}return/", {"comment": " "}).status_code == 422
    assert supervisor.post(f"{signed}return/", {"comment": "Say <i>how</i> often."}).status_code == 302
    assert supervisor.post(f"{signed}return/", {"comment": "Again."}).status_code == 409
    assert "Nothing waits" in supervisor.get(QUEUE).content.decode()
    page = desk.page(signed)
    assert "Say &lt;i&gt;how&lt;/i&gt; often." in page
    assert "revise/" not in page
    assert "SOAP note returned to you" in desk.page("/portal/")
    add(desk, signed)
    assert "returned to you" not in desk.page("/portal/")
    assert supervisor.get(QUEUE).content.decode().count(f"{signed}cosign/") == 2
    assert cosign(supervisor, signed) == 302
    assert "Nothing waits" in supervisor.get(QUEUE).content.decode()


def test_a_comment_stays_between_the_two_and_off_paper(desk: Desk, supervisor: Client, signed: str) -> None:
    supervisor.post(f"{signed}return/", {"comment": "Say how often."})
    assert "Say how often." not in colleague_of(desk.vendor, covering=True).get(signed).content.decode()
    assert "Say how often." not in desk.page(f"{signed}print/")
    with acting_as(desk.vendor.actor):
        rows = run([("SELECT comment FROM notes_cosignreturn", ())])[0]
    assert b"how often" not in bytes(rows[0][0])


def test_a_retracted_note_waits_no_longer(desk: Desk, supervisor: Client, signed: str) -> None:
    page = {"read": id_of(signed), "confirmed": "on"}
    desk.client.post(f"{signed}retract/", {"why": "duplicate", "reason": "Twice."})
    assert f"/notes/{id_of(signed)}/cosign/" in supervisor.get(QUEUE).content.decode()
    assert supervisor.post(f"{signed}cosign/", page).status_code == 409


def test_what_the_vendors_system_signs_needs_none(desk: Desk, supervisor: Client) -> None:
    desk.vendor.api.post("/notes/", a_note(desk.session, status="signed"))
    assert "Nothing waits" in supervisor.get(QUEUE).content.decode()


def test_a_note_whose_chart_closed_to_the_supervisor_is_counted_and_not_named(
    desk: Desk, supervisor: Client, signed: str
) -> None:
    supervisor_of(desk.vendor, "Dr Next")
    page = supervisor.get(QUEUE).content.decode()
    assert signed not in page
    assert "1 more waits about members whose charts are closed to you now" in page


def test_a_note_or_a_co_signature_that_was_altered_is_not_shown_and_is_named(
    desk: Desk, supervisor: Client, signed: str
) -> None:
    rewrite(desk.vendor, UUID(id_of(signed)))
    assert supervisor.post(f"{signed}cosign/", {"read": id_of(signed), "confirmed": "on"}).status_code == 409
    assert len(signatures(desk)) == 1


def test_a_forged_co_signature_is_found(desk: Desk, signed: str) -> None:
    with acting_as(system_actor(desk.vendor.tenant.id)):
        note = Note.objects.get(id=id_of(signed))
        forged = NoteSignature(tenant_id=note.tenant_id, note=note, role="cosigner", signed_by={"name": "x", "id": "y"})
        with pytest.raises(IntegrityError), transaction.atomic():
            forged.save(force_insert=True)
        forged.digest = b"x" * 32
        forged.save(force_insert=True)
    assert desk.client.get(signed).status_code == 409
    with pytest.raises(CommandError, match="1 signed notes"):
        call_command("verify_notes", tenant=desk.vendor.tenant.slug)


def test_a_co_signature_never_changes(desk: Desk, supervisor: Client, signed: str) -> None:
    cosign(supervisor, signed)
    for statement in ("DELETE FROM notes_notesignature", "UPDATE notes_notesignature SET digest = 'x'"):
        with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
            cursor.execute("SELECT set_config('throughline.tenant_id', %s, true)", [str(desk.vendor.tenant.id)])
            with pytest.raises(IntegrityError), transaction.atomic("owner"):
                cursor.execute(f"{statement} WHERE role = 'cosigner'")


def status_of(client: Client, path: str) -> int:
    return client.get(path).status_code


def test_the_pages_stay_in_the_budget(desk: Desk, supervisor: Client, signed: str) -> None:
    for number in range(3):
        add(desk, signed, f"{number}")
    supervisor.post(f"{signed}return/", {"comment": "More."})
    for path in (QUEUE, f"{signed}cosign/", signed, "/portal/"):
        supervisor.get(path)
        asked = statements(partial(status_of, supervisor, path), 200)
        assert len(asked) <= 12, (path, asked)
