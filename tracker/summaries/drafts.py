"""Draft closing words: what a body could decide on what is complete, made from the record and entered by nobody but a person."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from tracker.summaries.rows import Pending
from tracker.templatetags.resolves import day_in_words


def draft_decision(one: Pending, *, body: str) -> str:
    """The sentence by which a body would note one item's paper and close this turn of it, in the reader's language; what
    is not recorded (the paper's symbol, the day) is left out rather than made up."""
    known = {
        "body": body,
        "number": one.number,
        "symbol": one.symbol,
        "turn": one.belongs_to,
        "document": one.document,
        "title": one.title,
    }
    known["day"] = day_in_words(one.received_on, one.received_precision) if one.received_on else ""
    match bool(one.document), bool(one.received_on):
        case True, True:
            words = _("%(body)s notes Document %(document)s, received on %(day)s under item %(number)s of %(symbol)s")
        case True, False:
            words = _("%(body)s notes Document %(document)s, received under item %(number)s of %(symbol)s")
        case False, True:
            words = _("%(body)s notes what was reported on %(day)s under item %(number)s of %(symbol)s")
        case _nothing:
            words = _("%(body)s notes what was reported under item %(number)s of %(symbol)s")
    noted = words % known
    if one.belongs_to:
        return _("%(noted)s, and closes that item for %(turn)s.") % {"noted": noted, "turn": one.belongs_to}
    return _("%(noted)s, and closes that item.") % {"noted": noted}


def draft_decisions(rows: Iterable[Pending], *, body: str) -> str:
    """The same for several, a numbered paragraph each."""
    drafts = [draft_decision(one, body=body) for one in rows]
    if len(drafts) == 1:
        return drafts[0]
    return "\n".join(f"{number}. {words}" for number, words in enumerate(drafts, 1))
