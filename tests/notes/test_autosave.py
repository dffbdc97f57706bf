"""What is typed is kept while it is typed, for the one who types it, and let go once it is saved."""

import pytest

from apps.audit.models import Record
from apps.notes.models import NoteDraft
from apps.tenants.context import acting_as
from tests.notes.people import colleague_of
from tests.notes.test_pages import SOAP, Desk, hidden
from tests.people import VendorWorld

TYPED = {**SOAP, "plan": "half a senten"}


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


def kept(desk: Desk) -> list[NoteDraft]:
    with acting_as(desk.vendor.actor):
        return list(NoteDraft.objects.kept())


def test_what_was_typed_for_a_new_note_is_back_when_the_form_is_opened_again(desk: Desk) -> None:
    form = hidden(desk.page(desk.new()))
    reply = desk.client.post(f"{desk.new()}keep/", {**form, **SOAP})
    assert reply.content.decode().startswith("Saved <time")
    desk.client.post(f"{desk.new()}keep/", {**form, **TYPED})
    assert len(kept(desk)) == 1
    page = desk.page(desk.new())
    assert "half a senten" in page
    assert "is in the form again" in page
    assert "half a senten" not in desk.page(desk.new("dap"))
    assert desk.notes() == []


def test_it_is_gone_once_saved_and_nothing_late_brings_it_back(desk: Desk) -> None:
    form = hidden(desk.page(desk.new()))
    desk.client.post(f"{desk.new()}keep/", {**form, **TYPED})
    desk.client.post(desk.new(), {**form, **TYPED})
    assert desk.client.post(f"{desk.new()}keep/", {**form, **TYPED}).status_code == 204
    assert kept(desk) == []
    assert "half a senten" not in desk.page(desk.new())


def test_it_can_be_discarded(desk: Desk) -> None:
    desk.client.post(f"{desk.new()}keep/", {**hidden(desk.page(desk.new())), **TYPED})
    assert desk.client.post(desk.new(), {"do": "discard"}).headers["Location"] == desk.new()
    assert kept(desk) == []


def test_a_revision_is_kept_restored_and_cleared(desk: Desk) -> None:
    note = desk.write()
    form = hidden(desk.page(f"{note}revise/"))
    desk.client.post(f"{note}revise/keep/", {**form, **TYPED})
    assert desk.notes()[0].version == 1
    assert "half a senten" in desk.page(f"{note}revise/")
    assert "half a senten" not in desk.page(note)
    assert "is dropped when you sign" in desk.page(f"{note}sign/")
    desk.client.post(f"{note}revise/", {**form, **TYPED})
    assert kept(desk) == []


def test_a_revision_kept_from_an_older_version_is_shown_beside_the_newer(desk: Desk) -> None:
    note = desk.write()
    form = hidden(desk.page(f"{note}revise/"))
    desk.client.post(f"{note}revise/", {**form, **SOAP, "plan": "theirs to keep"})
    desk.client.post(f"{note}revise/keep/", {**form, **TYPED})
    page = desk.page(f"{note}revise/")
    assert "theirs to keep" in page
    assert "half a senten" in page
    assert hidden(page)["version"] == "2"


def test_nothing_is_kept_for_a_signed_note_or_a_text_too_long(desk: Desk) -> None:
    note = desk.write()
    form = hidden(desk.page(f"{note}revise/"))
    assert desk.client.post(f"{note}revise/keep/", {**form, **SOAP, "plan": "x" * 100_001}).status_code == 422
    desk.sign(note)
    assert desk.client.post(f"{note}revise/keep/", {**form, **TYPED}).status_code == 409
    assert kept(desk) == []


def test_it_is_theirs_alone_even_where_a_colleague_covers(desk: Desk) -> None:
    desk.client.post(f"{desk.new()}keep/", {**hidden(desk.page(desk.new())), **TYPED})
    assert colleague_of(desk.vendor).post(f"{desk.new()}keep/", SOAP).status_code == 404
    covering = colleague_of(desk.vendor, covering=True)
    assert "half a senten" not in covering.get(desk.new()).content.decode()
    assert covering.post(f"{desk.new()}keep/", {**SOAP, "plan": "another"}).status_code == 200
    assert "half a senten" in desk.page(desk.new())
    assert sorted(each.content["plan"] for each in kept(desk)) == ["another", "half a senten"]


def test_it_is_sealed_and_leaves_no_trace_in_the_history(desk: Desk) -> None:
    desk.client.post(f"{desk.new()}keep/", {**hidden(desk.page(desk.new())), **TYPED})
    with acting_as(desk.vendor.actor):
        sealed = bytes(NoteDraft.objects.values_list("content", flat=True)[0])
        assert b"half a senten" not in sealed
        actions = set(Record.objects.values_list("action", flat=True))
    assert not any(action.startswith("note.") for action in actions)
