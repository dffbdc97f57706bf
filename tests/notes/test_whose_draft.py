"""A draft is its author's: whoever covers reads it and writes a note of their own; a supervisor may finish it."""

import pytest
from django.test import Client

from apps.accounts.models import Membership
from tests.notes.people import colleague_of, staff, supervisor_of
from tests.notes.test_pages import SOAP, Desk, hidden
from tests.notes.test_write import a_note
from tests.people import VendorWorld
from tests.portal.people import portal

MINE = {**SOAP, "plan": "not the author's words"}


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


def revise(client: Client, note: str) -> int:
    return client.post(f"{note}revise/", {**MINE, "version": "1"}).status_code


def sign(client: Client, note: str, version: str = "1") -> int:
    return client.post(f"{note}sign/", {"version": version, "confirmed": "on"}).status_code


def test_whoever_covers_reads_it_and_neither_revises_nor_signs_it(desk: Desk) -> None:
    note = desk.write()
    covering = colleague_of(desk.vendor, covering=True)
    page = covering.get(note).content.decode()
    assert "slept badly" in page
    assert "This draft is Dr Sam Okafor&#x27;s" in page
    assert f"{note}revise/" not in page
    assert covering.get(f"{note}revise/").status_code == 403
    assert covering.post(f"{note}revise/keep/", {**MINE, "version": "1"}).status_code == 403
    assert (revise(covering, note), sign(covering, note)) == (403, 403)
    assert [(each.version, each.state) for each in desk.notes()] == [(1, "draft")]


def test_whoever_covers_writes_and_signs_their_own(desk: Desk) -> None:
    covering = colleague_of(desk.vendor, covering=True)
    form = hidden(covering.get(desk.new()).content.decode())
    note = str(covering.post(desk.new(), {**form, **SOAP}).headers["Location"])
    assert sign(covering, note) == 302
    assert [note.author["name"] for note in desk.notes()] == ["Kim Rao"]


def test_a_draft_of_the_vendors_system_waits_for_whoever_treats_or_covers(desk: Desk) -> None:
    written = desk.vendor.api.post("/notes/", a_note(desk.session)).json()
    note = f"{desk.root}{written['id']}/"
    assert revise(colleague_of(desk.vendor, covering=True), note) == 302
    assert sign(desk.client, note, "2") == 302


def test_a_supervisor_of_the_author_may_finish_it_and_the_note_names_both(desk: Desk) -> None:
    note = desk.write()
    assert sign(portal(desk.vendor, supervisor_of(desk.vendor)), note) == 302
    page = desk.page(note)
    assert "by Dr Mara Lindqvist" in page
    assert "Written by Dr Sam Okafor" in page


def test_a_supervisor_of_others_does_not(desk: Desk) -> None:
    note = desk.write()
    stranger = portal(desk.vendor, staff(desk.vendor, "Dr Else", Membership.Role.SUPERVISOR))
    assert sign(stranger, note) == 404
