"""Typed readers of the environment; a missing or nonsensical value raises with the remedy.

A value comes from the environment first, then from the files that `manage.py up` keeps in
DATA_DIR: `secrets.json` (made once) and `runtime.json` (where the parts listen).
"""

import json
import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR") or ROOT / ".data").resolve()


def _kept() -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("secrets.json", "runtime.json"):
        try:
            found.update(json.loads((DATA_DIR / name).read_text()))
        except (OSError, ValueError):
            continue
    return {key.upper(): str(value) for key, value in found.items()}


KEPT = _kept()


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name) or KEPT.get(name) or default
    if value is None:
        raise ImproperlyConfigured(
            f"{name} is not set. Set it in the environment, or run `make run` once, which makes it in {DATA_DIR}."
        )
    return value


def flag(name: str, default: bool) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in {"0", "1", "false", "true", "no", "yes"}:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to 1 or 0.")
    return value in {"1", "true", "yes"}


def number(name: str, default: int, *, least: int = 0) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdecimal() or int(value) < least:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a whole number of at least {least}.")
    return int(value)


def listing(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def database(name: str, fallback: str | None = None) -> dict[str, object]:
    """A `postgresql://user:password@host:port/name?host=/socket/folder` address as Django's settings."""
    url = urlsplit(text(name, fallback))
    if url.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with postgresql://.")
    options = dict(parse_qsl(url.query))
    host = options.pop("host", unquote(url.hostname or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": host,
        "PORT": str(url.port or options.pop("port", "")),
        "OPTIONS": options,
    }
