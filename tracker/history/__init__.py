"""History in words: events as sentences, with from and to by field, ids turned into names.

The history page and the page of an item read the same lines. The number of queries depends on the kinds of things that
the events name, never on how many events there are.
"""

from tracker.history.columns import columns_of_row, rows, shut_papers, told
from tracker.history.lines import Line, actor_words, lines, verb_words
from tracker.history.names import kind
from tracker.history.searching import AT_MOST, SYSTEM, Search, Stretch, counted, searched, stretch
from tracker.history.stays import Stay, stays
from tracker.history.troubles import Trouble, trouble_of, troubles
from tracker.history.values import Change, Said

__all__ = [
    "AT_MOST",
    "SYSTEM",
    "Change",
    "Line",
    "Said",
    "Search",
    "Stay",
    "Stretch",
    "Trouble",
    "actor_words",
    "columns_of_row",
    "counted",
    "kind",
    "lines",
    "rows",
    "searched",
    "shut_papers",
    "stays",
    "stretch",
    "told",
    "trouble_of",
    "troubles",
    "verb_words",
]
