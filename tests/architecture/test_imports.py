"""The import contracts hold (`make lint`), and each of them fails on a planted import."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from apps.stack.places import PROJECT_ROOT

LAYERS = "Imports run one way: config, surfaces, the domain in its order, core"
NO_WIRE = "The domain speaks no wire format"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for part in ("apps", "config"):
        shutil.copytree(PROJECT_ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT_ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("place", "planted", "contract"),
    [
        ("apps/core/clock.py", "from apps.tenants import models\n", LAYERS),
        ("apps/notes/models.py", "from apps.crisis import policies\n", LAYERS),
        ("apps/handoffs/actions.py", "from apps.api_vendor import errors\n", LAYERS),
        ("apps/onboarding/models.py", "from rest_framework import status\n", NO_WIRE),
        ("apps/core/ids.py", "import drf_spectacular\n", NO_WIRE),
    ],
)
def test_a_planted_import_breaks_its_contract(copy: Path, place: str, planted: str, contract: str) -> None:
    (copy / place).write_text((copy / place).read_text() + planted)
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    linted = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert linted.returncode == 1
    assert f"{contract} BROKEN" in " ".join(linted.stdout.split())
