"""What of a row goes on record, and how: as it is, beside the event where it may have to be erased, as a hash, or not at all.

What stands outside the record does so by design, each with its reason; the replay (`tracker.log.replay`) compares the rest.
"""

# Columns whose words a person may ask to have erased: they go beside the event, never into it.
WORDS: dict[str, frozenset[str]] = {
    "occurrence": frozenset({"hold_reason", "waiting_on"}),
    "assignment": frozenset({"note", "done_note"}),
    "comment": frozenset({"text"}),
    "daterequest": frozenset({"reason", "answer_note"}),
    "handover": frozenset({"note"}),
    "occasion": frozenset({"words", "source"}),
    "activity": frozenset({"text", "source"}),
    "report": frozenset({"text"}),
    "evidence": frozenset({"title", "url", "symbol"}),
    "decision": frozenset({"words"}),
    "person": frozenset({"name", "email", "username"}),
    "paragraph": frozenset({"disposition_reason"}),
}
# Long columns, of which the record has the hash (`digests.print_of`).
HASHED: dict[str, frozenset[str]] = {
    "paragraph": frozenset({"text", "proposal", "spans"}),
    "tabled": frozenset({"frozen"}),
}
# Columns that are not recorded, with the reason.
SILENT: dict[str, dict[str, str]] = {
    "person": {
        "password": "secret: that it was changed is on record, not to what",
        "last_login": "kept by every log-in, which is no act on anything",
    },
    "version": {"text": "its hash is on record (`text_hash`), and is compared with it"},
    "occurrence": {"status_since": "repeats the moment of the event that changed the status"},
    "calendarfeed": {"secret": "secret: whoever reads it reads the feed"},
}
# Columns that are recorded where an act sets them, and kept without one otherwise: the replay does not compare them.
ALSO_KEPT: dict[str, dict[str, str]] = {
    "assignment": {"told_at": "set by the mailer when a mail was taken; the mail's own row says when and to whom"},
}
# Models of ours that are not on record, with the reason. Every other one is.
OUTSIDE: dict[str, str] = {
    "event": "the record itself",
    "eventwords": "the record itself",
    "leaf": "the log over the record; verified against it",
    "node": "the log over the record; verified against it",
    "head": "the log over the record; verified against it and against what was given out",
    "tabledsignature": "put beside a tabled summary by the worker; held against the hash that is on record",
    "delivery": "where heads went: bookkeeping of the clock",
    "check": "what was verified when: written by the verifier, shown beside the record",
    "finding": "what a check found: written by the verifier",
    "visit": "who saw sensitive pages: a log apart, kept for as long as its rule says",
    "repeat": "how often a visit was repeated: part of that log",
    "notice": "who is to be told of which event: derived from the record, and planned anew by the sweep",
    "message": "mails on their way: bookkeeping of the mailer",
    "announcement": "how far notices have come: bookkeeping of the clock",
    "heartbeat": "that the clock runs",
    "failure": "what of the clock failed: bookkeeping of the clock",
    "mailedlink": "a way to take a step; the step's own event names the means",
    "savedfilter": "a person's own preference, an act on nothing",
}


def uncompared(model: str) -> frozenset[str]:
    """The columns of a model that the replay leaves alone."""
    return frozenset(SILENT.get(model, ())) | frozenset(ALSO_KEPT.get(model, ()))
