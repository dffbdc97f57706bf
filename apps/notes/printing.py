"""A note on paper: what a print holds, the same as page and as PDF.

It holds the note with every addendum, whose signatures stand under each with their digests, the mark of a retraction, who
the member is, who made the print and when. Comments between co-signer and author are no part of the record and stay out.

The PDF is set by typst in a process of its own (`typesetting.py`), so that a note of thousands of lines costs a worker
neither its memory nor its life; what takes longer than `LONGEST_SECONDS` is refused. What a person wrote goes there as
data and is never read as markup. Fonts are those that typst brings (Latin, Greek, Cyrillic, Hebrew and Arabic letters):
where a character has no glyph in them the PDF says so on top, for it must not look complete when it is not.
"""

import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from apps.core.actor import Actor
from apps.core.clock import now
from apps.members.models import Assignment
from apps.notes.errors import TooLongForPdf
from apps.notes.models import Note
from apps.notes.showing import Passage, Shown, Thread

LONGEST_SECONDS: Final = 20.0
MOST_MEMORY_BYTES: Final = 2 * 1024**3
SCRIPT: Final = Path(__file__).with_name("typesetting.py")


@dataclass(frozen=True, slots=True)
class Signature:
    """`digest` in hexadecimal; empty at a signature from before digests were kept."""

    role: str
    name: str
    at: str
    digest: str


@dataclass(frozen=True, slots=True)
class Part:
    """One note of the print. `mark` is empty, or says that it is a draft or retracted."""

    heading: str
    written: str
    mark: str
    passages: list[Passage]
    withheld: str
    signatures: list[Signature]
    pending: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """`member` is what identifies the person, as label and value."""

    organisation: str
    title: str
    session: str
    member: list[tuple[str, str]]
    parts: list[Part]
    made: str


def sheet_of(thread: Thread, actor: Actor, *, organisation: str, timezone: str) -> Sheet:
    """The print of a thread that `actor` makes now, with times in `timezone`."""
    zone = ZoneInfo(timezone)
    first = thread.first.note
    session = first.session
    return Sheet(
        organisation=organisation,
        title=f"{first.type_name} note",
        session=f"{session.session_type.replace('_', ' ').capitalize()} session, {_told(session.started_at, zone)}",
        member=_identity(thread.member),
        parts=[_part(shown, first, zone) for shown in thread.all],
        made=f"Printed by {actor.name}, {_told(now(), zone)}",
    )


def pdf_of(sheet: Sheet) -> bytes:
    """The print as a PDF (PDF/A-2u where every character has a glyph). Raises `TooLongForPdf`."""
    try:
        made = subprocess.run(
            [sys.executable, "-I", str(SCRIPT), str(MOST_MEMORY_BYTES)],
            input=msgspec.json.encode(asdict(sheet)),
            capture_output=True,
            timeout=LONGEST_SECONDS,
            check=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        raise TooLongForPdf from None
    return made.stdout


def _part(shown: Shown, first: Note, zone: ZoneInfo) -> Part:
    note = shown.note
    is_added = note.addendum_to_id is not None
    heading = "Addendum" if is_added and note is not first else f"{note.type_name} note"
    heading = "Retraction" if shown.is_statement else heading
    return Part(
        heading=heading,
        written=f"Written by {note.author['name']}, {_told(note.created_at, zone)}",
        mark=_mark(shown, zone),
        passages=shown.passages,
        withheld=shown.withheld or "",
        signatures=_signatures(shown, zone),
        pending=f"Waits for the co-signature of {shown.waits_for}." if shown.waits_for else "",
    )


def _mark(shown: Shown, zone: ZoneInfo) -> str:
    if not shown.note.is_signed():
        return f"DRAFT, version {shown.note.version}: not signed, no part of the record yet"
    if shown.retraction is None:
        return ""
    by, at = shown.retraction.retracted_by["name"], _told(shown.retraction.retracted_at, zone)
    return f"RETRACTED by {by}, {at}. {shown.retraction.get_why_display()}. The reason stands in an addendum."


def _signatures(shown: Shown, zone: ZoneInfo) -> list[Signature]:
    note = shown.note
    if note.signed_at is None or note.signed_by is None:
        return []
    first = Signature("Signed", note.signed_by["name"], _told(note.signed_at, zone), _hex(note.signed_digest))
    return [
        first,
        *(
            Signature("Co-signed", each.signed_by["name"], _told(each.signed_at, zone), _hex(each.digest))
            for each in shown.cosignatures
        ),
    ]


def _hex(digest: bytes | memoryview | None) -> str:
    return bytes(digest).hex() if digest is not None else ""


def _identity(member: Assignment) -> list[tuple[str, str]]:
    profile = member.profile
    full = " ".join(profile.get(name) or "" for name in ("first_name", "last_name")).strip()
    known = [
        ("Name", full),
        ("Called", profile.get("preferred_name") or ""),
        ("Pronouns", member.pronouns),
        ("Born", profile.get("date_of_birth") or ""),
        ("Record", member.external_id or str(member.person_id)),
    ]
    return [(label, value) for label, value in known if value]


def _told(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%d %b %Y, %H:%M} {local.tzname()}"
