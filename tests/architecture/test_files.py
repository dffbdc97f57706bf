"""Files, functions, imports and names keep to the rules of the house, and each rule finds what breaks it."""

from pathlib import Path

import pytest

from apps.stack.places import PROJECT_ROOT
from tests.architecture import rules

PLANTED: dict[rules.Rule, tuple[str, str]] = {
    rules.files_too_long: ("apps/notes/long.py", "a = 1\n" * 401),
    rules.functions_too_long: ("apps/notes/models.py", "def f():\n" + "    a = 1\n" * 50),
    rules.first_party_imports_inside_functions: ("config/late.py", "def f():\n    from apps.notes import models\n"),
    rules.names_that_say_nothing: ("tests/notes/helpers.py", ""),
}
WITHIN: dict[rules.Rule, tuple[str, str]] = {
    rules.files_too_long: ("apps/notes/long.py", "a = 1\n" * 400),
    rules.functions_too_long: ("apps/notes/models.py", "def f():\n" + "    a = 1\n" * 49),
    rules.first_party_imports_inside_functions: ("config/late.py", "def f():\n    import json\n"),
    rules.names_that_say_nothing: ("tests/notes/commonly.py", ""),
}


@pytest.mark.parametrize("rule", rules.FILE_RULES)
def test_the_project_keeps_the_rule(rule: rules.Rule) -> None:
    assert list(rule(PROJECT_ROOT)) == []


@pytest.mark.parametrize("rule", rules.FILE_RULES)
def test_the_rule_finds_what_breaks_it_and_nothing_else(rule: rules.Rule, tmp_path: Path) -> None:
    for place, found in ((WITHIN[rule], 0), (PLANTED[rule], 1)):
        path = tmp_path / place[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(place[1])
        assert len(list(rule(tmp_path))) == found
