"""What a killed run leaves behind bears the number of its process: the next run removes what belongs to no living one."""

import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

FOLDER = re.compile(r"resolves-tests-(\d+)-\w+")
DATABASE = re.compile(r"test_resolves_(\d+)(_gw\d+)?")


def living(number: int) -> bool:
    """Whether there is such a process on this machine."""
    with suppress(ProcessLookupError):
        with suppress(PermissionError):
            os.kill(number, 0)
        return True
    return False


def remove_folders_of_the_dead() -> None:
    for folder in Path(tempfile.gettempdir()).glob("resolves-tests-*"):
        named = FOLDER.fullmatch(folder.name)
        if named and not living(int(named[1])):
            shutil.rmtree(folder, ignore_errors=True)


def drop_databases_of_the_dead(url: str) -> None:
    """Only for a server on this machine: elsewhere the numbers are somebody else's."""
    with psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
            named = DATABASE.fullmatch(name)
            if named and not living(int(named[1])):
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
