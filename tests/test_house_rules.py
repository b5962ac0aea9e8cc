"""The rules of the house that a program can check. docs/architecture.md says why each is there."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("api", "config", "tracker", "workflows")
LONGEST_FILE = {**dict.fromkeys(PACKAGES, 400), "tests": 600}  # tables and stories of tests are read in parts
ONE_FILE = {"tracker/log/resolves_verify.py": 600}  # goes to other machines alone, so it cannot be parted
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py", "services.py", "managers.py"}
MAIL = re.compile(r"django\.core\.mail|django\.core import .*\bmail\b|smtplib|send_mail|EmailMultiAlternatives")
STATUS_BY_UPDATE = re.compile(r"\.update\([^)]*\bstatus\s*=")
REGISTRY = re.compile(r"https?://[\w.-]*(pypi|pythonhosted|npmjs|debian)\b|--(?:extra-)?index[-]url|--find[-]links")
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(work|root|home/\w+|Users/\w+|opt/(pypi|wheels)\w*)(/|\b)")


def files_of_the_repository() -> list[Path]:
    """What git keeps or would keep."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    """Name and text of each Python file, migrations left out."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text()


def texts_of_the_repository() -> Iterator[tuple[str, str]]:
    for path in files_of_the_repository():
        content = path.read_bytes()
        if b"\0" not in content:
            yield str(path.relative_to(ROOT)), content.decode(errors="replace")


def templates() -> list[str]:
    return sorted(
        str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.*") if path.is_file()
    )


def run(*command: str) -> None:
    done = subprocess.run([sys.executable, *command], check=False, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_point_downward():
    run("-c", "from importlinter.cli import lint_imports_command as check; check(['--no-cache'])")


def test_nothing_is_imported_inside_a_function():
    run("-m", "ruff", "check", "--select", "PLC0415", *PACKAGES)


def test_no_file_is_longer_than_can_be_read_in_one_sitting():
    lines = {name: text.count("\n") for name, text in sources(*LONGEST_FILE)}
    most = {name: ONE_FILE.get(name, LONGEST_FILE[name.partition("/")[0]]) for name in lines}
    assert not {name: count for name, count in lines.items() if count > most[name]}


def test_no_file_is_named_after_nothing():
    assert not [name for name, _ in sources(*PACKAGES) if Path(name).name in FORBIDDEN_NAMES]


def test_a_status_is_never_set_past_the_machine():
    assert not [name for name, text in sources(*PACKAGES) if STATUS_BY_UPDATE.search(text)]


def test_mail_is_sent_in_one_place():
    allowed = re.compile(r"workflows/notices(\.py|/)")
    senders = [
        name for name, text in sources("api", "tracker", "workflows") if MAIL.search(text) and not allowed.match(name)
    ]
    assert not senders


def test_templates_carry_no_styles_or_scripts_of_their_own():
    inline = re.compile(r"\sstyle\s*=|<style\b|<script\b(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']")
    printed_or_mailed = re.compile(r"^(emails|documents)/")
    found = [
        name
        for name in templates()
        if not printed_or_mailed.match(name) and inline.search((ROOT / "templates" / name).read_text())
    ]
    assert not found


@pytest.mark.parametrize("name", templates())
def test_every_template_compiles(name):
    engines["django"].get_template(name)


def test_no_address_of_a_registry_is_recorded():
    mine = str(Path(__file__).relative_to(ROOT))
    assert not [name for name, text in texts_of_the_repository() if name != mine and REGISTRY.search(text)]


def test_no_path_of_a_machine_is_recorded():
    mine = str(Path(__file__).relative_to(ROOT))
    found = [(name, hit.group()) for name, text in texts_of_the_repository() if (hit := MACHINE_PATH.search(text))]
    assert [name for name, _ in found if name != mine] == []


@pytest.mark.parametrize("name", ["base", "dev"])
def test_exact_versions_carry_hashes(name):
    requirements = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ")
    pinned = [line for line in requirements.splitlines() if line and not line.lstrip().startswith("#")]
    assert pinned
    assert not [line for line in pinned if "==" not in line or "--hash=sha256:" not in line]
