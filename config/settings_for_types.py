"""The settings as the type checker loads them: any values do, since nothing is run."""

import os
from base64 import urlsafe_b64encode

for name in ("SECRET_KEY", "KEY_PEPPER"):
    os.environ.setdefault(name, "only for type checking")
os.environ.setdefault("FIELD_ENCRYPTION_KEY", urlsafe_b64encode(bytes(32)).decode())
os.environ.setdefault("DATABASE_URL", "postgresql://throughline_app@localhost/throughline")
os.environ.setdefault("VALKEY_URL", "redis://localhost:6379/0")

from config.settings import *  # noqa: E402, F403
