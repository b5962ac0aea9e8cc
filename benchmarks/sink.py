"""`python -m benchmarks.sink PORT`: a mail server that takes every mail, counts it and keeps nothing; in a process of its own, so
that it shares nothing with who sends. When it is ended (SIGTERM) it prints how many mails came and how many came more than once."""

import json
import re
import signal
import sys
from collections import Counter
from typing import Any

from aiosmtpd.controller import Controller

NAME = re.compile(rb"^Message-ID: *(\S+)", re.MULTILINE | re.IGNORECASE)


class Sink:
    """Counts mails by their Message-ID; those without one (of the floor) are not counted."""

    def __init__(self) -> None:
        self.names: Counter[bytes] = Counter()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  (aiosmtpd's name)
        if named := NAME.search(envelope.content):
            self.names[named[1]] += 1
        return "250 OK"


def main(port: int) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()
    print(json.dumps({"mails": len(sink.names), "doubles": sum(sink.names.values()) - len(sink.names)}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
