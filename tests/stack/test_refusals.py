"""What `manage.py up` cannot start from gives one clear sentence and a non-zero exit."""

import os
import socket
from pathlib import Path

import pytest

from apps.stack.generated_secrets import NAMES, ensure_secrets, read_secrets
from tests.stack.runs import free_port, newcomer, refusal


def _sentence(environment: dict[str, str]) -> str:
    done = refusal(environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()[-1]


def test_a_taken_port_names_the_variable_to_change(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = _sentence(newcomer(tmp_path / "data", port))

    assert f"Port {port} on 127.0.0.1 is taken by another program; set PORT to a free one" in said


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1", "8000.0", "９"])
def test_a_port_that_is_none_is_named(tmp_path: Path, value: str) -> None:
    said = _sentence({**newcomer(tmp_path / "data", 1), "PORT": value})

    assert f"PORT is {value!r}, which is no port" in said


def test_a_data_folder_of_another_postgresql_is_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "postgres").mkdir(parents=True)
    (data / "postgres" / "PG_VERSION").write_text("15\n")

    said = _sentence({**newcomer(data, free_port()), **dict.fromkeys(NAMES, "set")})

    assert "was made by PostgreSQL 15 and this is 18" in said


def test_secrets_are_never_made_anew_beside_a_database(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()

    said = _sentence(newcomer(tmp_path, free_port()))

    assert "secrets.json is missing beside an existing database" in said
    assert read_secrets(tmp_path) == {}


def test_a_file_in_place_of_the_data_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    said = _sentence(newcomer(tmp_path / "data", free_port()))

    assert f"The data folder {tmp_path / 'data'} cannot be written" in said


def test_secrets_are_made_once_and_for_this_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    ensure_secrets(tmp_path)
    made = read_secrets(tmp_path)
    ensure_secrets(tmp_path)

    assert read_secrets(tmp_path) == made
    assert set(made) == set(NAMES)
    assert os.stat(tmp_path / "secrets.json").st_mode & 0o777 == 0o600
