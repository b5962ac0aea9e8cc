"""History in words: events as sentences, with from and to by field, ids turned into names.

The history page and the page of an item read the same lines. The number of queries depends on the kinds of things that
the events name, never on how many events there are.
"""

from tracker.history.columns import shut_papers, told
from tracker.history.lines import Line, actor_words, actors, lines, verb_words
from tracker.history.stays import Stay, stays
from tracker.history.values import Change, Said

__all__ = [
    "Change",
    "Line",
    "Said",
    "Stay",
    "actor_words",
    "actors",
    "lines",
    "shut_papers",
    "stays",
    "told",
    "verb_words",
]
