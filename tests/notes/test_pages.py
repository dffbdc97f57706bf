"""The pages of notes: what a clinician writes stays theirs, stays as signed, and stays with who may see the member."""

import re
import uuid
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.audit.models import Record
from apps.core.database import run
from apps.notes.models import Note
from apps.tenants.context import acting_as
from tests.notes.people import colleague_of
from tests.notes.test_write import a_note, a_session
from tests.people import VendorWorld
from tests.portal.people import portal

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Reply

SOAP = {"subjective": "slept badly", "objective": "tired", "assessment": "low mood", "plan": ""}


class Desk:
    """A clinician at the notes of one member who has one session."""

    def __init__(self, vendor: VendorWorld) -> None:
        cache.clear()  # The limit on sign-ins from one address.
        self.vendor = vendor
        self.session = a_session(vendor)
        self.member = vendor.api.get(f"/sessions/{self.session}/").json()["member_id"]
        self.client = portal(vendor, vendor.clinician)
        self.root = f"/portal/members/{self.member}/notes/"

    def new(self, note_type: str = "soap") -> str:
        return f"{self.root}new/{self.session}/{note_type}/"

    def write(self, content: dict[str, str] = SOAP, note_type: str = "soap") -> str:
        """The address of a draft that was written through its form."""
        form = self.page(self.new(note_type))
        return str(self.client.post(self.new(note_type), {**hidden(form), **content}).headers["Location"])

    def sign(self, note: str) -> "Reply":
        return self.client.post(f"{note}sign/", {**hidden(self.page(f"{note}sign/")), "confirmed": "on"})

    def page(self, path: str) -> str:
        return self.client.get(path).content.decode()

    def notes(self) -> list[Note]:
        with acting_as(self.vendor.actor):
            return list(Note.objects.visible_to(self.vendor.actor).of_member(self.member).oldest_first())


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(version|token)" value="([^"]*)"', page))


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


def test_a_draft_is_written_from_the_session_read_and_listed(desk: Desk) -> None:
    choice = desk.client.get(f"{desk.root}new/", {"session": desk.session, "note_type": "soap"})
    assert choice.headers["Location"] == desk.new()
    assert desk.session in desk.page(f"{desk.root}new/")
    note = desk.write()
    page = desk.page(note)
    assert "slept badly" in page
    assert "Nothing written." in page
    listed = desk.page(desk.root)
    assert note in listed
    assert "Draft" in listed


def test_every_section_of_the_type_has_its_labelled_field(desk: Desk) -> None:
    page = desk.page(desk.new("birp"))
    for section in ("behavior", "intervention", "response", "plan"):
        assert f'<label for="id_{section}">{section.capitalize()}</label>' in page
    assert desk.client.get(desk.new("haiku")).status_code == 404


def test_sending_the_form_twice_makes_one_note(desk: Desk) -> None:
    sent = {**hidden(desk.page(desk.new())), **SOAP}
    first, second = (desk.client.post(desk.new(), sent) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(desk.notes()) == 1


def test_a_form_sent_again_with_other_words_keeps_them_and_can_be_saved(desk: Desk) -> None:
    sent = {**hidden(desk.page(desk.new())), **SOAP}
    desk.client.post(desk.new(), sent)
    again = desk.client.post(desk.new(), {**sent, "plan": "walk daily"})
    assert again.status_code == 409
    page = again.content.decode()
    assert "walk daily" in page
    assert desk.client.post(desk.new(), {**sent, **hidden(page), "plan": "walk daily"}).status_code == 302
    assert len(desk.notes()) == 2


def test_a_text_too_long_is_named_and_kept(desk: Desk) -> None:
    sent = {**hidden(desk.page(desk.new())), **SOAP, "plan": "x" * 100_001}
    reply = desk.client.post(desk.new(), sent)
    assert reply.status_code == 422
    assert "slept badly" in reply.content.decode()
    assert desk.client.post(desk.new(), {**sent, "plan": "x"}).status_code == 302


def test_a_draft_is_revised_from_the_version_that_was_read(desk: Desk) -> None:
    note = desk.write()
    form = desk.page(f"{note}revise/")
    assert desk.client.post(f"{note}revise/", {**hidden(form), **SOAP, "plan": "walk"}).status_code == 302
    assert [(each.version, each.content["plan"]) for each in desk.notes()] == [(2, "walk")]


def test_a_stale_form_shows_both_texts_and_overwrites_nothing(desk: Desk) -> None:
    note = desk.write()
    form = hidden(desk.page(f"{note}revise/"))
    desk.client.post(f"{note}revise/", {**form, **SOAP, "plan": "theirs to keep"})
    late = desk.client.post(f"{note}revise/", {**form, **SOAP, "plan": "mine to keep"})
    assert late.status_code == 409
    page = late.content.decode()
    assert "theirs to keep" in page
    assert "mine to keep" in page
    assert desk.notes()[0].content["plan"] == "theirs to keep"
    assert hidden(page)["version"] == "2"
    assert desk.client.post(f"{note}revise/", {**hidden(page), **SOAP, "plan": "both"}).status_code == 302
    assert desk.notes()[0].version == 3


def test_a_text_typed_while_the_note_was_signed_is_not_lost(desk: Desk) -> None:
    note = desk.write()
    form = hidden(desk.page(f"{note}revise/"))
    desk.sign(note)
    late = desk.client.post(f"{note}revise/", {**form, **SOAP, "plan": "mine to keep"})
    assert late.status_code == 409
    page = late.content.decode()
    assert "mine to keep" in page
    assert f"{note}addendum/" in page


def test_signing_names_the_empty_sections_asks_and_freezes(desk: Desk) -> None:
    note = desk.write()
    page = desk.page(f"{note}sign/")
    assert "Still empty: Plan." in page
    assert desk.client.post(f"{note}sign/", hidden(page)).status_code == 422
    assert desk.sign(note).status_code == 302
    read = desk.page(note)
    assert "Signed</span> by Dr Sam Okafor" in read
    assert "revise/" not in read
    assert desk.client.get(f"{note}revise/").status_code == 409
    assert desk.client.post(f"{note}sign/", {**hidden(page), "confirmed": "on"}).status_code == 409


def test_a_version_that_was_not_read_is_not_signed(desk: Desk) -> None:
    note = desk.write()
    page = hidden(desk.page(f"{note}sign/"))
    desk.client.post(f"{note}revise/", {**page, **SOAP, "plan": "walk"})
    assert desk.client.post(f"{note}sign/", {**page, "confirmed": "on"}).status_code == 409
    assert desk.notes()[0].status == Note.Status.DRAFT


def test_a_correction_stands_below_its_signed_note_with_its_reason(desk: Desk) -> None:
    note = desk.write()
    assert desk.client.get(f"{note}addendum/").status_code == 409
    desk.sign(note)
    sent = {**hidden(desk.page(f"{note}addendum/")), "kind": "correction", "body": "Slept well.", "do": "sign"}
    assert desk.client.post(f"{note}addendum/", sent).status_code == 422
    full = desk.client.post(f"{note}addendum/", {**sent, "reason": "heard wrongly", "body": "x" * 99_990})
    assert full.status_code == 422
    for _ in range(2):
        reply = desk.client.post(f"{note}addendum/", {**sent, "reason": "heard wrongly"})
        assert reply.headers["Location"] == note
    page = desk.page(note)
    assert page.count("Correction. Reason: heard wrongly") == 1
    assert "slept badly" in page
    assert "Slept well." in page


def test_an_addendum_may_wait_as_a_draft(desk: Desk) -> None:
    note = desk.write()
    desk.sign(note)
    sent = {**hidden(desk.page(f"{note}addendum/")), "kind": "addition", "body": "And this.", "do": "draft"}
    addendum = str(desk.client.post(f"{note}addendum/", sent).headers["Location"])
    assert addendum in desk.page(note)
    assert desk.sign(addendum).status_code == 302


def test_a_signed_note_that_was_altered_is_not_shown(desk: Desk) -> None:
    note, other = desk.write(), desk.write()
    desk.sign(note)
    with acting_as(desk.vendor.actor):
        run([("SELECT set_config('throughline.rotating', 'on', true)", ())])
        altered = Note.objects.get(id=note.split("/")[-2])
        altered.content = {**SOAP, "plan": "forged"}
        altered.save(update_fields=["content"])
    reply = desk.client.get(note)
    assert reply.status_code == 409
    assert "forged" not in reply.content.decode()
    assert desk.client.get(other).status_code == 200


def test_a_note_of_another_tenant_or_another_member_is_not_there(desk: Desk, other_vendor: VendorWorld) -> None:
    theirs = other_vendor.api.post("/notes/", a_note(a_session(other_vendor))).json()
    beside = desk.vendor.api.post("/notes/", a_note(a_session(desk.vendor))).json()
    for note in (theirs["id"], beside["id"], uuid.uuid4()):
        for suffix in ("", "revise/", "sign/", "addendum/"):
            assert desk.client.get(f"{desk.root}{note}/{suffix}").status_code == 404
    assert desk.client.get(f"/portal/members/{theirs['member_id']}/notes/{theirs['id']}/").status_code == 404
    assert desk.client.post(f"{desk.root}new/{theirs['session_id']}/soap/", SOAP).status_code == 404


def test_a_colleague_who_does_not_treat_the_member_finds_nothing_and_changes_nothing(desk: Desk) -> None:
    note = desk.write()
    colleague = colleague_of(desk.vendor)
    for path in (desk.root, f"{desk.root}new/", desk.new(), note, f"{note}revise/", f"{note}sign/"):
        reply = colleague.get(path)
        assert reply.status_code == 404
        assert "slept badly" not in reply.content.decode()
    assert colleague.post(f"{note}revise/", {**SOAP, "version": "1"}).status_code == 404
    assert colleague.post(f"{note}sign/", {"version": "1", "confirmed": "on"}).status_code == 404
    assert colleague.post(desk.new(), SOAP).status_code == 404
    assert [(each.version, each.status) for each in desk.notes()] == [(1, "draft")]


def test_whoever_administers_reads_no_notes(desk: Desk) -> None:
    note = desk.write()
    assert portal(desk.vendor, desk.vendor.admin).get(note).status_code == 403


def test_html_is_text_wherever_a_note_is_shown(desk: Desk) -> None:
    note = desk.write({**SOAP, "plan": "</textarea><script>alert(1)</script>"})
    for path in (note, f"{note}revise/", f"{note}sign/"):
        page = desk.page(path)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_any_script_and_its_line_ends_come_back_as_typed(desk: Desk) -> None:
    text = "\n  שלום, العربية\n👩🏽‍⚕️ e\u0301 \u202eabc\u202c  "
    note = desk.write({**SOAP, "plan": text.replace("\n", "\r\n")})
    assert desk.notes()[0].content["plan"] == text
    assert text in desk.page(note)
    assert 'dir="auto"' in desk.page(f"{note}revise/")


def test_reading_is_recorded_and_stays_in_the_budget(desk: Desk) -> None:
    note = desk.write()
    desk.sign(note)
    for number in range(3):
        form = hidden(desk.page(f"{note}addendum/"))
        desk.client.post(f"{note}addendum/", {**form, "kind": "addition", "body": f"{number}", "do": "sign"})
    for path in (note, desk.root):
        with CaptureQueriesContext(connection) as captured:
            assert desk.client.get(path).status_code == 200
        statements = [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]
        assert len(statements) <= 12, statements
    with acting_as(desk.vendor.actor):
        last = Record.objects.filter(action="note.read").order_by("-occurred_at")[0]
    assert {each.id for each in desk.notes()} == set(last.rows)
