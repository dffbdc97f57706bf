"""A print holds the whole note and nothing that is not of it, and is recorded as leaving the system."""

import re

import pytest
from django.test import Client

from apps.audit.models import Record
from apps.notes import printing
from apps.notes.models import NoteSignature
from apps.notes.printing import Part, Sheet, pdf_of
from apps.notes.showing import Passage
from apps.tenants.context import acting_as
from tests.counting import statements
from tests.notes.people import colleague_of, needs_cosigning
from tests.notes.test_cosign import add, cosign
from tests.notes.test_pages import SOAP, Desk
from tests.people import VendorWorld
from tests.portal.people import portal

# What would be markup, code or a file to read if it were not data.
HOSTILE = '#panic("run") #read("/etc/passwd") #pagebreak() *b* $x$ \\ // \u202e <script>alert(1)</script>' + (
    '\n= h\n#import "@x/y:1"'
)


@pytest.fixture
def desk(vendor: VendorWorld) -> Desk:
    return Desk(vendor)


@pytest.fixture
def whole(desk: Desk) -> str:
    """A note co-signed, added to, and retracted."""
    supervisor = portal(desk.vendor, needs_cosigning(desk.vendor))
    note = desk.write({**SOAP, "plan": HOSTILE})
    desk.sign(note)
    cosign(supervisor, note)
    add(desk, note, "It was Tuesday.")
    desk.client.post(f"{note}retract/", {"why": "duplicate", "reason": "Written twice."})
    return note


def sheet(text: str) -> Sheet:
    part = Part("SOAP note", "Written by x", "", [Passage("Plan", text)], "", [], "")
    return Sheet("Vendor", "SOAP note", "Session", [("Name", text[:40])], [part], "Printed by x")


def pages(pdf: bytes) -> int:
    return max(int(number) for number in re.findall(rb"/Count (\d+)", pdf))


def test_the_page_shows_every_part_with_its_signatures_and_digests(desk: Desk, whole: str) -> None:
    page = desk.page(f"{whole}print/")
    for shown in (
        "Ada Quill", "1990-02-03", "slept badly", "It was Tuesday.", "RETRACTED by Dr Sam Okafor", "Written twice.",
        "Signed by Dr Sam Okafor", "Co-signed by Dr Mara Lindqvist", "Printed by Dr Sam Okafor", " UTC",
        "Waits for the co-signature of Dr Mara Lindqvist", "&lt;script&gt;alert(1)",
    ):  # fmt: skip
        assert shown in page, shown
    with acting_as(desk.vendor.actor):
        digests = NoteSignature.objects.values_list("digest", flat=True)
        assert len(digests) == 4
        assert all(bytes(digest or b"").hex() in page for digest in digests)


def test_the_pdf_comes_as_a_file_that_nothing_keeps_and_whose_name_tells_nothing(desk: Desk, whole: str) -> None:
    reply = desk.client.get(f"{whole}pdf/")
    assert reply.content.startswith(b"%PDF-1.")
    assert reply.headers["Content-Type"] == "application/pdf"
    assert "no-store" in reply.headers["Cache-Control"]
    named = reply.headers["Content-Disposition"]
    assert named == f'attachment; filename="note-{whole.split("/")[-2][-12:]}.pdf"'
    assert pages(reply.content) >= 1


def test_leaving_the_system_is_recorded_with_every_row_and_its_form(desk: Desk, whole: str) -> None:
    for form in ("print", "pdf"):
        desk.client.get(f"{whole}{form}/")
    with acting_as(desk.vendor.actor):
        records = list(Record.objects.filter(action="note.exported").order_by("occurred_at"))
    assert [record.details for record in records] == [{"form": "page"}, {"form": "pdf"}]
    assert {each.id for each in desk.notes()} == set(records[0].rows)


def test_what_a_person_wrote_is_set_as_text_and_never_run() -> None:
    assert pages(pdf_of(sheet(HOSTILE))) == 1
    assert pages(pdf_of(sheet("line\n" * 200))) > 1


@pytest.mark.parametrize(
    "text", ["", "שלום العربية Ελληνικά Кириллица", "你好 😀", "\x00\x07", "x" * 40_000, "\n" * 50_000]
)
def test_any_text_can_be_printed(text: str) -> None:
    assert pdf_of(sheet(text)).startswith(b"%PDF")


def test_where_characters_have_no_glyph_the_pdf_is_longer_by_saying_so() -> None:
    archival, lacking = pdf_of(sheet("abc")), pdf_of(sheet("你好"))
    assert b"pdfaid" in archival
    assert b"pdfaid" not in lacking


def test_a_note_too_long_to_be_set_is_refused_in_words(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    note = desk.write()
    monkeypatch.setattr(printing, "LONGEST_SECONDS", 0.001)
    reply = desk.client.get(f"{note}pdf/")
    assert reply.status_code == 409
    assert "Open its print view" in reply.content.decode()


def test_a_draft_says_on_paper_that_it_is_one(desk: Desk) -> None:
    page = desk.page(f"{desk.write()}print/")
    assert "DRAFT, version 1: not signed" in page
    assert "HMAC" not in page


def test_whoever_may_not_read_it_prints_nothing(desk: Desk, other_vendor: VendorWorld, whole: str) -> None:
    strangers: list[tuple[Client, int]] = [
        (colleague_of(desk.vendor), 404),
        (Desk(other_vendor).client, 404),
        (portal(desk.vendor, desk.vendor.admin), 403),
    ]
    for client, status in strangers:
        for form in ("print", "pdf"):
            assert client.get(f"{whole}{form}/").status_code == status


def test_both_stay_in_the_budget(desk: Desk, whole: str) -> None:
    assert len(statements(lambda: desk.client.get(f"{whole}print/").status_code, 200)) <= 12
    assert len(statements(lambda: desk.client.get(f"{whole}pdf/").status_code, 200)) <= 12
