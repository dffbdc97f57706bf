"""`DATA_DIR/demo.json`: the passwords and keys of the demo, for whoever runs it. Made at run time, readable by one user."""

import json
import os
from pathlib import Path
from typing import TypedDict

from django.conf import settings


class Login(TypedDict):
    email: str
    password: str


class VendorWay(TypedDict):
    id: str
    slug: str
    name: str
    live_key: str
    test_key: str
    read_only_key: str
    admin: Login
    clinician: Login
    supervisor: Login


class WayIn(TypedDict):
    base_url: str
    operator: Login
    vendors: list[VendorWay]


class LoadVendor(TypedDict):
    slug: str
    live_key: str


def base_url(given: str | None) -> str:
    """Where the front door is: as given, else `BASE_URL`, else this machine at `PORT` or 8000."""
    return given or settings.BASE_URL


def demo_file() -> Path:
    return Path(settings.DATA_DIR) / "demo.json"


def load_file() -> Path:
    return Path(settings.DATA_DIR) / "load.json"


def read() -> WayIn | None:
    """What is kept; None when there is nothing, or nothing that can be read."""
    try:
        found: WayIn = json.loads(demo_file().read_text())
        return found if found["operator"]["email"] and found["vendors"][0]["live_key"] else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def write(way_in: WayIn) -> None:
    _write_private(demo_file(), way_in)


def load_slugs() -> set[str]:
    """The load vendors whose keys are kept."""
    return {each["slug"] for each in _kept_load()}


def write_load(vendor: LoadVendor) -> None:
    """Keep the key of a load vendor beside those of others, in place of an older one of the same slug."""
    others = [each for each in _kept_load() if each["slug"] != vendor["slug"]]
    _write_private(load_file(), {"vendors": [*others, vendor]})


def _kept_load() -> list[LoadVendor]:
    try:
        kept: list[LoadVendor] = json.loads(load_file().read_text())["vendors"]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    return kept


def _write_private(path: Path, content: object) -> None:
    """Whole or not at all, and never readable by anyone else, not even for a moment."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
