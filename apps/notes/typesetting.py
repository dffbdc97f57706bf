"""Sets one print as a PDF: JSON of it on standard input, the PDF on standard output. A program of its own.

    python typesetting.py BYTES     at most so much memory, where the system keeps to that

It needs nothing of the project. What a person wrote reaches typst as data (`sys.inputs`); packages, files beside the
template and fonts of the machine are out of its reach. Standard error stays empty: what typst complains of may quote.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from pathlib import Path
from typing import Final

import typst

TEMPLATE = Path(__file__).with_name("note.typ")
# Archival, with the text searchable; refused where a character has no glyph.
STANDARD: Final = "a-2u"
NO_GLYPH = "could not be displayed"


def main() -> int:
    limit = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    sheet = json.load(sys.stdin)
    try:
        pdf = _archival(sheet)
    except typst.TypstError:
        return 1
    sys.stdout.buffer.write(pdf)
    return 0 if pdf else 1


def _archival(sheet: dict[str, object]) -> bytes:
    """By the standard if it can be, else without it; a print that lacks characters says so."""
    try:
        return _compiled(sheet | {"complete": True}, [STANDARD])
    except typst.TypstError as refusal:
        return _compiled(sheet | {"complete": NO_GLYPH not in refusal.message}, [])


def _compiled(sheet: dict[str, object], standards: typst.PDFStandards) -> bytes:
    with tempfile.TemporaryDirectory() as empty:
        compiler = typst.Compiler(
            TEMPLATE.read_bytes(),
            root=empty,
            font_paths=typst.Fonts(include_system_fonts=False),
            sys_inputs={"sheet": json.dumps(sheet)},
            package_path=empty,
            package_cache_path=empty,
        )
        made = compiler.compile(format="pdf", pdf_standards=standards)
    return made if isinstance(made, bytes) else b""


if __name__ == "__main__":
    sys.exit(main())
