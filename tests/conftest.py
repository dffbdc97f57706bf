"""Fixtures: a migrated database, and two vendors who know nothing of each other."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from tests.people import VendorWorld, make_vendor


@pytest.fixture(scope="session", autouse=True)
def _migrated(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        call_command("migrate", database="owner", verbosity=0)
        yield


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """The database is made by `tests.ground`; pytest-django makes none."""


@pytest.fixture
def vendor() -> VendorWorld:
    return make_vendor()


@pytest.fixture
def other_vendor() -> VendorWorld:
    return make_vendor()
