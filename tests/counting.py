"""Counting the statements of a request, as the budget of each endpoint does."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def statements(call: Callable[[], int], expected: int) -> list[str]:
    """The SQL that `call` sends, which must answer `expected`; BEGIN and COMMIT travel with others."""
    with CaptureQueriesContext(connection) as captured:
        assert call() == expected
    return [each["sql"] for each in captured.captured_queries if each["sql"] not in ("BEGIN", "COMMIT")]
