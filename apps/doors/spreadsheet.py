"""Tables for spreadsheet programs, as CSV that none of them takes for a formula."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from django.http import HttpResponse

# What a cell must not begin with (OWASP, CSV Injection): a program would compute it, or reach out to somewhere.
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def neutral(value: object) -> str:
    """The cell as text: one that could begin a formula has an apostrophe before it."""
    text = str(value)
    return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text


def as_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> HttpResponse:
    """A file of that name (ASCII letters, digits and hyphens) to be saved: UTF-8 with its mark, lines as RFC 4180."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([neutral(value) for value in row] for row in rows)
    response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
