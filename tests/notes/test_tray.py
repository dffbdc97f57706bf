"""What was typed and not saved waits in its person's tray; it is discarded with a way back, and told of before it goes."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.db import connection

from apps.accounts.models import Membership
from apps.core.actor import system_actor
from apps.core.clock import now, telling_of
from apps.notes import actions, tasks
from apps.notes.models import NoteDraft
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.notes.people import colleague_of
from tests.notes.test_autosave import TYPED
from tests.notes.test_pages import Desk, hidden
from tests.people import VendorWorld

TRAY = "/portal/notes/drafts/"


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


def type_new(desk: Desk, note_type: str = "soap") -> str:
    """Type into a new note and leave; the draft's id."""
    path = desk.new(note_type)
    desk.client.post(f"{path}keep/", {**hidden(desk.page(path)), **TYPED, "body": "half a senten"})
    with acting_as(desk.vendor.actor):
        return str(NoteDraft.objects.get(note_type=note_type, note=None).id)


def left(desk: Desk) -> int:
    with acting_as(desk.vendor.actor):
        return NoteDraft.objects.count()


def test_it_names_whose_what_and_when_and_leads_back_to_the_form(desk: Desk) -> None:
    assert "Your writing" not in desk.page("/portal/")
    note = desk.write()
    type_new(desk, "dap")
    desk.client.post(f"{note}revise/keep/", {**hidden(desk.page(f"{note}revise/")), **TYPED})
    page = desk.page(TRAY)
    for shown in ("Ada Quill", "DAP", "new note", "SOAP", "revision", desk.new("dap"), f"{note}revise/"):
        assert shown in page
    assert "half a senten" not in page
    assert "2 drafts not saved" in desk.page("/portal/")
    assert "half a senten" in desk.page(desk.new("dap"))


def test_it_is_theirs_alone(desk: Desk) -> None:
    draft = type_new(desk)
    colleague = colleague_of(desk.vendor, covering=True)
    assert "Nothing of yours waits" in colleague.get(TRAY).content.decode()
    for act in ("discard", "restore"):
        assert colleague.post(f"{TRAY}{draft}/{act}/").status_code == 404
    assert left(desk) == 1


def test_discarding_can_be_taken_back(desk: Desk) -> None:
    draft = type_new(desk)
    for _ in range(2):
        assert desk.client.post(f"{TRAY}{draft}/discard/").status_code == 302
    assert "half a senten" not in desk.page(desk.new())
    assert "Undo</button>" in desk.page(TRAY)
    desk.client.post(f"{TRAY}{draft}/restore/")
    assert "half a senten" in desk.page(desk.new())
    desk.client.post(desk.new(), {"do": "discard"})
    desk.client.post(f"{desk.new()}keep/", {**hidden(desk.page(desk.new())), **TYPED})
    assert "half a senten" in desk.page(desk.new())


def test_one_about_a_member_who_is_theirs_no_longer_is_not_named(desk: Desk) -> None:
    type_new(desk)
    with acting_as(system_actor(desk.vendor.tenant.id)), connection.cursor() as cursor:
        cursor.execute("UPDATE members_assignment SET primary_clinician_id = NULL")
    page = desk.page(TRAY)
    assert "A member whose chart is closed to you now" in page
    assert "Ada Quill" not in page
    assert desk.member not in page


def test_what_was_typed_while_someone_signed_can_be_copied_into_an_addendum(desk: Desk) -> None:
    note = desk.write()
    form = hidden(desk.page(f"{note}revise/"))
    desk.client.post(f"{note}revise/keep/", {**form, **TYPED})
    sign_without_dropping(desk, note)
    assert "Signed meanwhile" in desk.page(TRAY)
    page = desk.page(f"{note}addendum/")
    assert "Plan\nhalf a senten" in page
    sent = {**hidden(page), "kind": "addition", "body": "half a sentence", "do": "sign"}
    desk.client.post(f"{note}addendum/", sent)
    assert left(desk) == 0


def sign_without_dropping(desk: Desk, note: str) -> None:
    """As another window, or a supervisor, does."""
    with acting_as(desk.vendor.actor):
        actions.sign(note_id=UUID(note.split("/")[-2]), version=1)


def test_an_addendum_is_kept_while_it_is_typed_and_back_when_it_is_opened(desk: Desk) -> None:
    note = desk.write()
    desk.sign(note)
    form = hidden(desk.page(f"{note}addendum/"))
    typed = {**form, "kind": "correction", "reason": "heard wro", "body": "half a senten"}
    assert desk.client.post(f"{note}addendum/keep/", typed).content.decode().startswith("Saved")
    assert f"{note}addendum/" in desk.page(TRAY)
    page = desk.page(f"{note}addendum/")
    for kept in ("heard wro", "half a senten", "is in the form again"):
        assert kept in page
    desk.client.post(f"{note}addendum/", {**typed, **hidden(page), "do": "draft"})
    assert left(desk) == 0
    assert desk.client.post(f"{note}addendum/keep/", {**typed, **hidden(page)}).status_code == 204


def forget(desk: Desk, at: datetime) -> None:
    with telling_of(at):
        tasks.forget_drafts_of(desk.vendor.tenant.id)
        tasks.tell_of_drafts_of(desk.vendor.tenant)


def test_an_old_draft_goes_only_after_its_person_was_told(desk: Desk) -> None:
    type_new(desk)
    typed_at = now()
    forget(desk, typed_at + timedelta(days=75))
    assert mail.outbox == []
    forget(desk, typed_at + timedelta(days=100))
    forget(desk, typed_at + timedelta(days=101))
    (told,) = mail.outbox
    assert told.to == [desk.vendor.clinician.email]
    assert TRAY in told.body
    assert "Ada" not in told.body
    assert "half" not in told.body
    assert "removed after" in desk.page(TRAY)
    assert left(desk) == 1
    forget(desk, typed_at + timedelta(days=115))
    assert left(desk) == 0


def test_nothing_goes_while_the_mail_does_not_get_through(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    type_new(desk)

    def refused(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(tasks, "send_mail", refused)
    for days in (80, 100, 200):
        forget(desk, now() + timedelta(days=days))
    assert left(desk) == 1


def test_typing_again_starts_the_clock_anew(desk: Desk) -> None:
    type_new(desk)
    forget(desk, now() + timedelta(days=80))
    type_new(desk)
    with acting_as(desk.vendor.actor):
        assert NoteDraft.objects.get().told_at is None


def test_of_someone_who_left_it_goes_untold(desk: Desk) -> None:
    type_new(desk)
    with acting_as(system_actor(desk.vendor.tenant.id)):
        Membership.objects.filter(user=desk.vendor.clinician).update(ended_at=now())
    forget(desk, now() + timedelta(days=89))
    assert left(desk) == 1
    forget(desk, now() + timedelta(days=91))
    assert (left(desk), mail.outbox) == (0, [])


def test_a_discarded_draft_goes_after_a_day_and_one_overtaken_by_a_signature_after_a_week(desk: Desk) -> None:
    draft = type_new(desk)
    desk.client.post(f"{TRAY}{draft}/discard/")
    forget(desk, now() + timedelta(hours=23))
    assert left(desk) == 1
    forget(desk, now() + timedelta(hours=25))
    assert left(desk) == 0
    note = desk.write()
    desk.client.post(f"{note}revise/keep/", {**hidden(desk.page(f"{note}revise/")), **TYPED})
    sign_without_dropping(desk, note)
    forget(desk, now() + timedelta(days=6))
    assert left(desk) == 1
    forget(desk, now() + timedelta(days=8))
    assert left(desk) == 0


def test_the_page_stays_in_the_budget_however_many_there_are(desk: Desk) -> None:
    for note_type in ("soap", "dap", "birp", "progress", "intake"):
        type_new(desk, note_type)
    assert len(statements(lambda: desk.client.get(TRAY).status_code, 200)) <= 12
