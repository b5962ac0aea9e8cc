"""Whether anything was put on record since it was asked last: one short question, asked before every mail."""

from django.db import connection

from tracker.models import Event
from workflows.notices.hearing import LOOK_BACK


class Recorded:
    """How many events there are of late, and the newest. An event becomes visible when its transaction ends, which need not
    be in the order of ids: so a stretch behind the newest is counted, too."""

    def __init__(self) -> None:
        self._base = 0
        self._seen: tuple[int, int] | None = None

    def anything(self) -> bool:
        """Whether there is an event that was not there when it was asked last; at first there is."""
        seen = self._look()
        if seen == self._seen:
            return False
        self._base = max(0, seen[1] - LOOK_BACK)
        self._seen = self._look()
        return True

    def _look(self) -> tuple[int, int]:
        table = connection.ops.quote_name(Event._meta.db_table)
        with connection.cursor() as cursor:  # by hand: it is asked for every mail
            cursor.execute(f"SELECT COUNT(*), COALESCE(MAX(id), 0) FROM {table} WHERE id > %s", [self._base])  # noqa: S608
            count, newest = cursor.fetchone()
        return int(count), int(newest)
