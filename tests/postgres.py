"""Runs a command on PostgreSQL: `python -m tests.postgres COMMAND …` sets TEST_DATABASE_URL for it.

In this order: the server that TEST_DATABASE_URL names; one that answers on 127.0.0.1 without a password; one of its own,
started from the machine's binaries in a folder that ends with the command. Where there is none it says so and ends well,
unless RESOLVES_REQUIRE asks for it.
"""

import contextlib
import getpass
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import psycopg

from tests.leftovers import drop_databases_of_the_dead

LOCAL = "postgres://{user}@127.0.0.1:{port}/{name}"


def answering() -> str | None:
    """The address of a server that lets us make databases."""
    for user in dict.fromkeys(["postgres", getpass.getuser()]):
        url = LOCAL.format(user=user, port=os.environ.get("PGPORT", "5432"), name="postgres")
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=3) as connection:
            row = connection.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone()
            if row and row[0]:
                drop_databases_of_the_dead(url)
                return url
    return None


def binaries() -> Path | None:
    """The folder of initdb: Debian keeps it off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextlib.contextmanager
def own_server(folder_of_binaries: Path) -> Generator[str, None, None]:
    """A server for this run alone; it refuses to be root, so root hands it to `postgres` (or `nobody`)."""
    as_user: dict[str, str] = {}
    folder = Path(tempfile.mkdtemp(prefix="resolves-postgres-"))
    if os.geteuid() == 0:
        known = {entry.pw_name for entry in pwd.getpwall()}
        as_user = {"user": "postgres" if "postgres" in known else "nobody"}
        shutil.chown(folder, **as_user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        command = [str(folder_of_binaries / program), *arguments]
        subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **as_user)

    try:
        run("initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c full_page_writes=off"
        run("pg_ctl", "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield LOCAL.format(user="postgres", port=port, name="postgres")
        finally:
            run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(command: list[str]) -> int:
    def run(url: str) -> int:
        return subprocess.call(command, env={**os.environ, "TEST_DATABASE_URL": url})

    if url := os.environ.get("TEST_DATABASE_URL") or answering():
        return run(url)
    if folder := binaries():
        print("PostgreSQL: starting one for this run.", flush=True)  # noqa: T201
        with own_server(folder) as url:
            return run(url)
    print("PostgreSQL: neither a server on 127.0.0.1 nor its binaries (apt install postgresql).")  # noqa: T201
    if "postgres" in os.environ.get("RESOLVES_REQUIRE", ""):
        print("RESOLVES_REQUIRE asks for it: these tests should have run.")  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
