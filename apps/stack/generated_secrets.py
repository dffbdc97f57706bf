"""`DATA_DIR/secrets.json`: what the first run makes so that a newcomer has to set nothing.

A variable in the environment goes before the file, and a deployment sets all of them. The file is never made anew
beside a database that exists already: its encryption key is the only thing that opens that database's fields.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path

from apps.stack.errors import CannotStart

NAMES = ("SECRET_KEY", "FIELD_ENCRYPTION_KEY", "KEY_PEPPER")


def secrets_file(data_dir: Path) -> Path:
    """Where the secrets of `data_dir` are kept, readable by this user alone."""
    return data_dir / "secrets.json"


def read_secrets(data_dir: Path) -> dict[str, str]:
    """The kept secrets by name; empty when none were made yet. Raises `CannotStart` on a damaged file."""
    path = secrets_file(data_dir)
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _damaged(path) from error
    if not isinstance(found, dict) or any(not isinstance(found.get(name), str) for name in NAMES):
        raise _damaged(path)
    return {name: found[name] for name in NAMES}


def ensure_secrets(data_dir: Path) -> None:
    """Make the secrets if they are neither in the environment nor kept. Raises `CannotStart`."""
    if all(os.environ.get(name) for name in NAMES) or read_secrets(data_dir):
        return
    path = secrets_file(data_dir)
    if (data_dir / "postgres").exists():
        raise CannotStart(
            f"{path} is missing beside an existing database, whose fields only its keys can open; restore the file "
            f"from a backup, or set {', '.join(NAMES)}, or move {data_dir} away to begin anew."
        )
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        # 32 bytes in URL-safe base64, the form that Fernet.generate_key() and this setting share.
        "FIELD_ENCRYPTION_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "KEY_PEPPER": secrets.token_urlsafe(48),
    }
    write_private(path, made)


def write_private(path: Path, content: dict[str, str]) -> None:
    """Write `content` as JSON to `path` for this user alone, whole or not at all, even across a power cut."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise CannotStart(
            f"{path} cannot be written ({error.strerror}); set DATA_DIR to a folder that this user may write."
        ) from error


def _damaged(path: Path) -> CannotStart:
    return CannotStart(f"{path} cannot be read as the secrets of this installation; restore it from a backup.")
