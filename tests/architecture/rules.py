"""The rules of the house about files, as findings: each yields where a rule is broken and how, nothing otherwise."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

LONGEST_FILE = 400
LONGEST_FUNCTION = 50
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}
FIRST_PARTY = {"apps", "config", "tests"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Rule = Callable[[Path], Iterator[str]]


def sources(root: Path) -> Iterator[Path]:
    """Everything written by hand; migrations are written by makemigrations."""
    for folder in sorted(FIRST_PARTY):
        yield from (path for path in sorted((root / folder).rglob("*.py")) if "migrations" not in path.parts)


def files_too_long(root: Path) -> Iterator[str]:
    for path in sources(root):
        lines = len(path.read_text().splitlines())
        if lines > LONGEST_FILE:
            yield f"{path}: {lines} lines"


def functions_too_long(root: Path) -> Iterator[str]:
    for path, function in _functions(root):
        lines = (function.end_lineno or 0) - function.lineno + 1
        if lines > LONGEST_FUNCTION:
            yield f"{path}:{function.lineno}: {function.name} has {lines} lines"


def first_party_imports_inside_functions(root: Path) -> Iterator[str]:
    for path, function in _functions(root):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and FIRST_PARTY & set(_imported(node)):
                yield f"{path}:{node.lineno}: an import inside {function.name}"


def names_that_say_nothing(root: Path) -> Iterator[str]:
    for path in sources(root):
        if NAMES_THAT_SAY_NOTHING & {part.removesuffix(".py") for part in path.relative_to(root).parts}:
            yield str(path)


FILE_RULES: tuple[Rule, ...] = (
    files_too_long,
    functions_too_long,
    first_party_imports_inside_functions,
    names_that_say_nothing,
)


def _functions(root: Path) -> Iterator[tuple[Path, Function]]:
    for path in sources(root):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, Function):
                yield path, node


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The top-level packages that a statement imports from; a relative import is first-party."""
    if isinstance(node, ast.ImportFrom):
        yield (node.module or "").split(".")[0] if node.level == 0 else "apps"
    else:
        yield from (alias.name.split(".")[0] for alias in node.names)
