"""Running `resolves_verify.py` as a stranger would: a copy in a folder of its own, Python's isolated mode, no repository in
its path, no network."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tracker import keys
from tracker.log import resolves_verify

# Runs the program with a door shut behind it: any address that is opened, and any module of ours, ends it.
GUARD = """
import runpy, sys
def refuse(event, details):
    if event.startswith("socket."):
        raise SystemExit(f"the network was used: {event}")
sys.addaudithook(refuse)
root = sys.argv.pop(1) + "/"
assert not [path for path in sys.path if path in ("", ".") or (path.startswith(root) and "/.venv/" not in path)], sys.path
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
finally:
    ours = {name.partition(".")[0] for name in sys.modules} & {"tracker", "workflows", "api", "config", "tests", "django", "rfc8785"}
    assert not ours, ours
"""


class Checker:
    """A folder on another machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = [str(key) for key in keys.known_keys()]
        shutil.copy(resolves_verify.__file__, folder / "resolves_verify.py")

    def put(self, name: str, said: Any) -> str:
        """A file there: text as it is, all else as JSON."""
        text = said if isinstance(said, str | bytes) else json.dumps(said)
        (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def run(self, *arguments: str, keys: list[str] | None = None) -> subprocess.CompletedProcess[str]:
        """The program, with the keys that its user was given."""
        given = [word for key in (self.keys if keys is None else keys) for word in ("--key", key)]
        root = str(Path(resolves_verify.__file__).parents[2])
        command = [sys.executable, "-I", "-c", GUARD, root, "resolves_verify.py", *arguments, *given]
        return subprocess.run(
            command, check=False, cwd=self.folder, env={"PATH": ""}, capture_output=True, text=True, timeout=120
        )

    def asked(self, *arguments: str, keys: list[str] | None = None) -> tuple[int, str]:
        """Exit code and what it says; never a traceback."""
        done = self.run(*arguments, "--json", keys=keys)
        assert "Traceback" not in done.stderr, done.stderr
        assert done.stdout, done.stderr
        said = json.loads(done.stdout)
        assert said["result"] == ["sound", "not sound", "unreadable"][done.returncode]
        return done.returncode, said["says"]
