"""Duties: what each operative paragraph asks, of whom, and when; every proposal with the words that made it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.parsing.acts import Draft, find_acts
from tracker.parsing.addressees import Name, Names, subject
from tracker.parsing.dues import SESSION_BODIES, Found, find_dues
from tracker.parsing.lines import Passage
from tracker.parsing.model import Act, Addressee, DuePoint, Spans


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ONCE = _set(
    "prepare submit report present establish convene develop draft communicate transmit appoint designate propose "
    "include "
    "inform publish adopt conclude finalize finalise create elect invite organize organise hold consult meet amend "
    "revise "
    "allow task discharge"
)
_ONGOING = _set(
    "maintain facilitate promote exchange ensure support cooperate monitor strengthen share work provide assist "
    "encourage "
    "continue foster collaborate coordinate enhance improve keep remain contribute respect protect comply consider "
    "implement use utilize participate raise serve make pursue"
)
_SETTLED = _set(
    "adopt approve endorse confirm ratify accept declare certify rename recognise recognize determine proclaim grant "
    "admit elect "
    "reappoint authorise authorize accord"
)
_REPORTS = re.compile(r"\b(?:report|submit|present|inform|transmit|provide)\b")
_TO_BODY = re.compile(r"\bto\s+(?P<body>(?:the|its)\s+(?:[A-Z][\w’'-]*)(?:\s+(?:of\s+)?(?:the\s+)?[A-Z][\w’'-]*)*)")
_BESIDE = re.compile(
    r"\b(?:by|to|of|inform|advise|notify|brief|update|assist)\s+"
    r"(?P<body>(?:the\s+)?[A-Z][\w’'-]*(?:\s+(?:(?:of|for|on)\s+)?(?:the\s+)?[A-Z][\w’'-]*)*)\s+$"
)
# No paragraph of a resolution is longer; what goes beyond is kept as words and not searched for duties.
READ_AT_MOST = 20_000
_YEARLY = re.compile(r"annual|year(?!s)", re.IGNORECASE)
_TERMS = re.compile(r"\b(?:terms\s+of\s+reference|mandate|tasks|functions|responsibilities)\b[^.;]*:$")
_OBJECT = re.compile(r"\s+(?:the\s+|an?\s+)?(?P<name>[A-Z][\w’'-]*(?:[\s-][A-Z][\w’'-]*)*)")
# Those who hold no sessions or meetings of their own: "at its session" is then the body's.
_OFFICES = re.compile(r"Secretar|Director|President|Commissioner|Chair|States|Governments|Bureau|Office|[Mm]embers")
_OWN = re.compile(r"\b(?:conference|assembly|congress)$")
_SHALL = re.compile(r"\b(?:shall|should|will|must):$")
_ONLY_LEADS = re.compile(r"[\s:\d,;—–-]*(?:to|that)?[\s:\d—–-]*")
_NO_DUTY = ("notes",)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one paragraph; `last` is the act that sub-items hang on, `tasked` who has the listed terms "
    "of reference."""

    acts: tuple[Act, ...]
    addressees: tuple[Addressee, ...]
    due: tuple[DuePoint, ...]
    kind: str
    kind_span: Spans
    confidence: float
    last: Draft | None
    tasked: tuple[Name, ...] = ()


class Reader:
    """Reads the paragraphs of one document."""

    def __init__(self, words: str, body: str) -> None:
        """`words`: the whole text, for full names; `body`: the body that adopts, without its article."""
        self.names = Names(words)
        self.body = body

    def read(self, passage: Passage, *, heading: str = "", parent: Reading | None = None) -> Reading:
        """A paragraph under `heading` (the lead words above it) or under the item `parent`."""
        text = passage.text[:READ_AT_MOST]
        drafts = find_acts(text, heading=heading, parent=parent.last if parent else None, names=self.names)
        found = find_dues(text)
        acts: list[Act] = []
        paces: list[tuple[str, Spans, float]] = []
        for index, draft in enumerate(drafts):
            who = self._addressees(passage, draft, parent, heading)
            until = drafts[index + 1].start if index + 1 < len(drafts) else len(text)
            own = [one for one in found if (draft.start <= one.start or index == 0) and one.start < until]
            dues: list[DuePoint] = []
            if draft.force not in _NO_DUTY:
                for one in own:
                    due, pace = self._due(passage, draft, one, who)
                    if not _repeats(due, dues):
                        dues.append(due)
                        paces.append((pace, due.span, due.confidence))
            span = passage.locate(draft.start, draft.lead)
            acts.append(Act(draft.verb, draft.force, who, tuple(dues), span))
        kind, span, sure = self._kind(passage, drafts, paces)
        last = drafts[-1] if drafts else None
        leads = last is None and parent is not None and text.endswith(":")  # "(a) Protection of civilians:" only groups
        if leads and parent is not None:
            last = parent.last
        return Reading(
            acts=tuple(acts),
            addressees=_unique([one for act in acts for one in act.addressees]),
            due=tuple(one for act in acts for one in act.due),
            kind=kind,
            kind_span=span,
            confidence=sure,
            last=last,
            tasked=self._passed_on(parent) if leads and parent else self._tasked(text, last),
        )

    @staticmethod
    def _passed_on(parent: Reading) -> tuple[Name, ...]:
        """Those whom the item above addresses, for the list below a heading that says nothing itself."""
        if parent.tasked or not parent.acts:
            return parent.tasked
        return tuple(Name(one.name, 0, 0) for one in parent.acts[-1].addressees)

    def _tasked(self, text: str, last: Draft | None) -> tuple[Name, ...]:
        """Whose terms of reference the list after this paragraph gives ("to maintain CWG-COP, … terms of "
        "reference:")."""
        if last is None:
            return ()
        if _SHALL.search(text):
            return tuple(subject(text, 0, len(text), self.names))
        if not _TERMS.search(text):
            return ()
        found = _OBJECT.match(text, last.lead)
        return (Name(self.names.full(found["name"]), found.start("name"), found.end("name")),) if found else ()

    def _addressees(
        self, passage: Passage, draft: Draft, parent: Reading | None, heading: str
    ) -> tuple[Addressee, ...]:
        if draft.who:
            return _unique([self._named(passage, one) for one in draft.who])
        if parent is not None:
            if parent.tasked:
                return tuple(Addressee(one.name, "", (), implied=True) for one in parent.tasked)
            if parent.acts and parent.acts[-1].addressees and not (parent.last and parent.last.body_acts):
                return tuple(
                    Addressee(one.name, one.printed, one.span, implied=True) for one in parent.acts[-1].addressees
                )
            return ()
        if draft.body_acts and self.body:
            return (Addressee(self.body, "", (), implied=True),)
        if heading:
            heading += ":"  # what stands below is its list
            above = find_acts(heading, heading="", parent=None, names=self.names)
            return _unique(
                [Addressee(one.name, heading[one.start : one.end], (), True) for act in above for one in act.who]
            )
        return ()

    @staticmethod
    def _named(passage: Passage, one: Name) -> Addressee:
        return Addressee(one.name, passage.text[one.start : one.end], passage.locate(one.start, one.end))

    def _due(self, passage: Passage, draft: Draft, found: Found, who: tuple[Addressee, ...]) -> tuple[DuePoint, str]:
        """A due point and the kind that it speaks for."""
        kind, pace, body = found.kind, found.pace, found.body
        start, end = found.start, found.end
        text = passage.text
        if body == "its":
            body = self._whose(text, start, who)
        elif body:
            body = self.names.full(body) if body != self.body else body
        elif kind == "session" and (noun := _OWN.search(text[start:end])) and noun[0] in self.body.lower():
            body = self.body  # "the next conference" of a conference is its own
        if kind == "interval" and _YEARLY.search(text[start:end]) and _REPORTS.search(text[draft.start : draft.end]):
            to = [one for one in _TO_BODY.finditer(text, draft.start, draft.end) if self._sits(one["body"])]
            if to:
                kind, pace = "session", "each_session"
                name = re.sub(r"^(?:the|its)\s+", "", to[-1]["body"])
                body = name if name == self.body else self.names.full(name)
                if to[-1].end() <= start and not text[to[-1].end() : start].strip():
                    start = to[-1].start()
                elif end <= to[-1].start() and not text[end : to[-1].start()].strip():
                    end = to[-1].end()
        point = DuePoint(kind, body, text[start:end], passage.locate(start, end), found.session, found.date)
        return point, pace

    def _sits(self, name: str) -> bool:
        """Whether a body holds sessions, so that "annually" means one report for each."""
        return bool(SESSION_BODIES.search(name)) or (bool(self.body) and self.body in name)

    def _whose(self, text: str, start: int, who: tuple[Addressee, ...]) -> str:
        """Whose "its sessions" are: the last "to the Council for its …" before, else the addressee's, else the "
        "body's own."""
        if beside := _BESIDE.search(text[:start]):
            return self.names.full(re.sub(r"^the\s+", "", beside["body"]))
        to = [one for one in _TO_BODY.finditer(text, 0, start) if SESSION_BODIES.search(one["body"])]
        if to:
            return self.names.full(re.sub(r"^(?:the|its)\s+", "", to[-1]["body"]))
        if re.search(r"\bto it\b", text[:start]):
            return self.body
        named = [one.name for one in who if not _OFFICES.search(one.name)]
        return named[-1] if named else self.body

    def _kind(
        self, passage: Passage, drafts: list[Draft], paces: list[tuple[str, Spans, float]]
    ) -> tuple[str, Spans, float]:
        """The kind that the words propose, the words, and how sure that is: said (0.9), by the verb (0.5), by "
        "default (0.3)."""
        duties = [one for one in drafts if one.force not in _NO_DUTY]
        if not duties:
            return "", (), 0.0
        for wanted in ("before_each_meeting", "each_session", "periodic", "on_event", "once", "continuing"):
            for pace, span, sure in paces:
                if pace == wanted:
                    return wanted, span, sure
        lead = duties[0]
        only_leads = lead.who and _ONLY_LEADS.fullmatch(passage.text, lead.who[-1].end, lead.end)
        if only_leads or (lead.who and passage.text.endswith(":") and lead is duties[-1]):
            return "", (), 0.0  # "REQUESTS the Director-General:": its list holds the duties
        place = passage.locate(lead.start, lead.lead)
        if lead.force == "decides" and lead.base in _SETTLED:
            return "", (), 0.0
        for draft in duties:
            words = set(draft.verb.split()) | {draft.base} | set(_infinitives(passage.text, draft))
            where = passage.locate(draft.start, draft.lead)
            if words & _ONCE:
                return "once", where, 0.5
            if words & _ONGOING:
                return "continuing", where, 0.5
        return ("continuing" if lead.force in ("urges", "invites", "encourages") else "once"), place, 0.3


def _infinitives(text: str, draft: Draft) -> list[str]:
    """The first verb that an addressee is told to do ("requests the Secretary-General to report")."""
    found = re.compile(r"\bto\s+(?:[a-z]+ly\s+|further\s+)?([a-z]+)").search(text, draft.lead, draft.end)
    return [found[1]] if found else []


def _repeats(due: DuePoint, dues: list[DuePoint]) -> bool:
    return any(due.kind == one.kind and due.text == one.text for one in dues)


def _unique(addressees: list[Addressee]) -> tuple[Addressee, ...]:
    seen: dict[str, Addressee] = {}
    for one in addressees:
        seen.setdefault(one.name, one)
    return tuple(seen.values())
