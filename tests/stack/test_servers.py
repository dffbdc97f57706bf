"""The embedded servers: three roles with no more than they need, data that stays, one user per folder."""

import os
import stat
from pathlib import Path

import psycopg
import pytest
import redis

from apps.stack.embedded import running_services
from apps.stack.errors import CannotStart
from tests.ground import services


def test_the_application_role_may_connect_and_nothing_else() -> None:
    with psycopg.connect(services().database_url) as connection:
        role = "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
        assert connection.execute(role).fetchone() == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine ()")


def test_the_servers_listen_on_sockets_that_only_this_user_can_reach() -> None:
    for folder in (services().places.postgres_sockets, services().places.sockets):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    with psycopg.connect(services().database_url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def test_rows_and_queued_work_outlive_the_servers_and_a_folder_has_one_user(tmp_path: Path) -> None:
    with running_services(tmp_path / "closed" / "data", durable=False) as first:
        with psycopg.connect(first.owner_database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        with redis.Redis.from_url(first.valkey_url) as valkey:
            valkey.rpush("celery", "a job")
        with pytest.raises(CannotStart, match="in use by another run"), running_services(first.places.data):
            pass

    # As root, PostgreSQL's own account has to find its way through again.
    (tmp_path / "closed").chmod(0o700)
    with running_services(tmp_path / "closed" / "data", durable=False) as second:
        with psycopg.connect(second.owner_database_url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
        with redis.Redis.from_url(second.valkey_url) as valkey:
            assert valkey.lrange("celery", 0, -1) == [b"a job"]


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "thesis.txt").write_text("mine")

    with pytest.raises(CannotStart, match="is not a PostgreSQL data folder"), running_services(tmp_path):
        pass

    assert (tmp_path / "postgres" / "thesis.txt").read_text() == "mine"
