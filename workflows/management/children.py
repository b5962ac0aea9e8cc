"""Child processes that never outlive their parent: each leads a process group, and Linux ends it when the parent dies."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Self

PATIENCE = 5.0  # seconds between asking a child to end and ending it
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Stopped(BaseException):
    """Somebody asked us to stop: Ctrl-C, a closed terminal, or TERM."""


@contextmanager
def stoppable() -> Generator[None]:
    """Turns the first INT, TERM or HUP into Stopped; later ones are ignored while the children end."""
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` wants to go on
        signals.append(signal.SIGHUP)

    def stop(number: int, _frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    before = {each: signal.signal(each, stop) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str], folder: Path) -> Self:
        parent = os.getpid()

        def die_with_parent() -> None:
            for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(each, signal.SIG_DFL)
            if _libc is not None:
                _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
                if os.getppid() != parent:  # it died in between
                    os._exit(1)

        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603  (our own command lines)
                command,
                cwd=folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=die_with_parent,  # noqa: PLW1509  (no threads run here yet)
            )
        return cls(name, process, log)

    def ended(self) -> bool:
        """Whether it has ended. It is left unreaped, so that its group's number cannot be given to a stranger."""
        if self.process.returncode is not None:
            return True
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def last_lines(self, count: int = 15) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-count:]
        return "\n".join(f"  {line}" for line in lines)

    def signal(self, number: signal.Signals, *, group: bool = False) -> None:
        with suppress(ProcessLookupError, PermissionError):
            (os.killpg if group else os.kill)(self.process.pid, number)


def end(children: Sequence[Child]) -> None:
    """Ask each to end, wait a little, then end what is left of each group, and see them all off."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and not all(child.ended() for child in children):
        time.sleep(0.02)
    for child in children:
        child.signal(signal.SIGKILL, group=True)
        child.process.wait()
