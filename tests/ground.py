"""A pytest plugin, loaded before Django: the embedded PostgreSQL and Valkey that every test runs on.

Nothing is rolled back between tests: each makes tenants of its own, and tenants do not see each other.
"""

import os
import secrets
import tempfile
from base64 import urlsafe_b64encode
from contextlib import ExitStack
from pathlib import Path

import pytest

from apps.stack.embedded import Services, running_services

_until_the_end = ExitStack()
_running: list[Services] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    folder = _until_the_end.enter_context(tempfile.TemporaryDirectory(prefix="throughline-tests-"))
    services = _until_the_end.enter_context(running_services(Path(folder), durable=False))
    _running.append(services)
    os.environ.update(
        DATA_DIR=folder,
        DATABASE_URL=services.database_url,
        OWNER_DATABASE_URL=services.owner_database_url,
        VALKEY_URL=services.valkey_url,
        SECRET_KEY=secrets.token_urlsafe(32),
        KEY_PEPPER=secrets.token_urlsafe(32),
        FIELD_ENCRYPTION_KEY=urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    )


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _until_the_end.close()


def services() -> Services:
    """The running servers, for tests that stop and start them."""
    return _running[0]
