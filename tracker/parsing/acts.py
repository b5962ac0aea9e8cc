"""Acts: the verbs of an operative paragraph, each with its stretch of words, its force and whom it addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.parsing import words
from tracker.parsing.addressees import Name, Names, clean, objects, subject

_DIRECTING = ("instructs", "requests", "urges", "invites", "encourages")
_PHRASE = (
    r"(?:\s+(?:also|further|again|once again|moreover|note|upon|on|for))*"
    r"(?:\s+(?:with\s+(?:\w+\s+)?(?:appreciation|concern|satisfaction|interest|regret|gratitude)|"
    r"its\s+(?:previous\s+|earlier\s+)?(?:request|call|demand|invitation|appeal|recommendation|instruction)s?\b))?"
)
_ITS = {
    "request": "requests",
    "call": "urges",
    "demand": "requests",
    "invitation": "invites",
    "appeal": "urges",
    "recommendation": "invites",
    "instruction": "instructs",
}
_THIRD = "|".join(sorted(words.PRESENT, key=len, reverse=True))
_NEXT = re.compile(
    rf"(?:,\s+and\s+|;\s+and\s+|[,;]\s+|\s+and\s+)(?:{words.MODIFIERS}\s+)*"
    rf"(?P<verb>{'|'.join(sorted((*words.FINITE, *(w.upper() for w in words.FINITE)), key=len, reverse=True))})\b"
    r"(?=\s+(?:also\s+|further\s+)?(?:the|its|that|all|any|those|these|them|it|an?|to|upon|on|with|note|each|every|both|once|[A-Z]))"
)
_TO_VERB = re.compile(r"\s*,?\s*(?:[^,;:]{2,60}?,\s+)?to\s+(?P<verb>[a-z]+)")
_INFINITIVE = re.compile(
    r"(?:to\s+)?(?:(?:[a-z]+ly|also|further|not|jointly)\s+)*(?P<verb>[a-z]+)"
    r"(?P<more>\s+to\s+(?!the\b|an?\b|its\b|all\b|any\b|each\b|their\b|this\b)[a-z]+|(?<=consider)\s+[a-z]+ing(?:\s+and\s+[a-z]+ing)?)?",
    re.IGNORECASE,
)
_COORDINATE = re.compile(
    r"(?:,\s+and\s+|;\s+(?:and\s+)?|\s+and\s+|,\s+)(?P<verb>(?:to\s+(?:[a-z]+ly\s+)?[a-z]+|(?:submit|report|present|inform|transmit)\b"
    r"(?=\s+(?:an?|its|the|to|on|back))|(?:submitting|reporting|presenting)\b(?=\s+(?:these|this|them|it|the|a)\b)))"
)
_PASSIVE = re.compile(
    r"\b(?:be\s+and\s+(?:hereby\s+)?(?:is|are)(?:\s+hereby)?\s+[a-z]+|(?:is|are|be)\s+(?:hereby|hereafter)\s+[a-z]+|be\s+[a-z]+ed"
    r"|(?:does\s+|do\s+)?hereby\s+[a-z]+|(?:shall|will|must|may)\s+(?:be\s+)?[a-z]+)"
)
_SELF = re.compile(
    r"(?:to\s+)?(?:maintain|establish|create|keep|remain|dissolve|renew|extend|convene|set|include|reconvene|hold|retain|place|accord)\b"
)
_PERMITS = (
    "allow",
    "invite",
    "request",
    "authorize",
    "authorise",
    "instruct",
    "encourage",
    "urge",
    "mandate",
    "direct",
    "permit",
    "task",
    "entrust",
    "ask",
    "charge",
    "call",
    "recommend",
)
_PURPOSE = re.compile(r"\b(?:in order|so as|with a view|as well as|relating|due|according|prior|up)$")


@dataclass(frozen=True, slots=True)
class Draft:
    """One act as found in text[start:end]; `lead` ends the words that were read as its verb."""

    verb: str
    base: str
    force: str
    start: int
    lead: int
    end: int
    who: tuple[Name, ...] = ()
    body_acts: bool = False  # the deciding body is its own addressee


def find_acts(text: str, *, heading: str, parent: Draft | None, names: Names) -> list[Draft]:
    """The acts of a paragraph; `heading` are the lead words above it, `parent` the last act of the item that it hangs on."""
    if found := words.RESOLVED.match(text):
        return [_resolved(text, found.end(), names)]
    opening = _finite(text)
    if opening:
        return _finite_acts(text, opening, names)
    governing = parent or (_lead_of(heading) if heading else None)
    if governing is None:
        modal = _PASSIVE.search(text)
        return [_modal(text, modal, names)] if modal else []
    if governing.force == "notes":
        return []
    return _infinitive_acts(text, governing, names, own=parent is None)


def _lead_of(heading: str) -> Draft | None:
    """The act of a heading ("instructs the Director of TSB")."""
    if found := words.RESOLVED.match(heading):
        return Draft("resolved", "resolve", "decides", 0, found.end(), len(heading))
    opening = _finite(heading)
    if not opening:
        return None
    acts = _finite_acts(heading, opening, Names(heading))
    return acts[-1] if acts else None


def _finite(text: str) -> re.Match[str] | None:
    if not words.finite_base(text):
        return None
    return words.FINITE_OPENING.match(text) or words.SUBJECT_OPENING.match(text[:400])


def _finite_acts(text: str, opening: re.Match[str], names: Names) -> list[Draft]:
    present = opening["verb"].lower() in words.PRESENT
    starts: list[tuple[int, int, str]] = [(_first_word(text, opening), opening.end(), opening["verb"])]
    for found in _NEXT.finditer(text, opening.end()):
        if (found["verb"].lower() in words.PRESENT) == present and found.start() > starts[-1][1]:
            begin = found.start() + len(found.group()) - len(re.sub(r"^[,;]?\s+(?:and\s+)?", "", found.group()))
            starts.append((begin, found.end(), found["verb"]))
    acts: list[Draft] = []
    for index, (start, lead, verb) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(text)
        acts.append(_finite_act(text, start, lead, verb.lower(), end, names))
    return acts


def _first_word(text: str, opening: re.Match[str]) -> int:
    """Where the verb with its modifiers begins, past a repeated subject ("The Security Council requests")."""
    return opening.start("verb") if re.match(r"(?i:the|this)\s", text) else 0


def _finite_act(text: str, start: int, lead: int, verb: str, end: int, names: Names) -> Draft:
    base = words.FINITE[verb]
    force = words.FORCE_OF[base]
    if phrase := re.compile(_PHRASE).match(text, lead, end):
        lead = phrase.end()
    shown = text[start:lead].lower()
    if its := re.search(
        r"\bits\s+(?:\w+\s+)?(request|call|demand|invitation|appeal|recommendation|instruction)s?$", shown
    ):
        force = _ITS[its[1]]
        return Draft(shown, base, force, start, lead, end, tuple(_objects_after(text, lead, end, names)))
    if force in _DIRECTING:
        who = _objects_after(text, lead, end, names)
        return Draft(shown, base, force, start, lead, end, tuple(who))
    body_acts = False
    found_names: list[Name] = []
    if force == "decides":
        inner = _TO_VERB.match(text, lead, end)
        if inner and base in ("decide", "resolve", "agree"):
            close = text[lead : inner.start("verb")].strip() == "to"
            if inner["verb"] in _PERMITS:
                found_names = objects(text, inner.end(), end, names)
                force = words.FORCE_OF.get(inner["verb"], force)
            else:
                body_acts = True
            if close:
                lead = inner.end()
                shown = text[start:lead].lower()
            base = inner["verb"]
        elif base == "authorize":
            found_names = objects(text, lead, end, names)
        else:
            found_names = subject(text, lead, end, names)
    return Draft(shown, base, force, start, lead, end, tuple(found_names), body_acts)


def _objects_after(text: str, lead: int, end: int, names: Names) -> list[Name]:
    if re.compile(r"\s+that\b").match(text, lead, end):
        return subject(text, lead, end, names, plain=True)
    begin = re.compile(r"\s+(?:to\s+)?").match(text, lead, end)
    found = objects(text, begin.end() if begin else lead, end, names)
    acting = re.search(r"\bto\s+[a-z]+|:", text[lead:end])
    return found if acting else []


def _resolved(text: str, lead: int, names: Names) -> Draft:
    """A RESOLVED clause: its passive predicate is the verb, the words before it the addressee."""
    modal = _PASSIVE.search(text, lead)
    infinitive = re.compile(r"[,:]?\s+to\s+([a-z]+)").match(text, lead)
    if infinitive:
        return Draft(f"resolved to {infinitive[1]}", infinitive[1], "decides", 0, infinitive.end(), len(text), (), True)
    if not modal:
        return Draft(text[:lead].lower(), "resolve", "decides", 0, lead, len(text))
    return _modal(text, modal, names, lead)


def _modal(text: str, modal: re.Match[str], names: Names, lead: int = 0) -> Draft:
    before = re.sub(r"^[,:]?\s*(?:that\s+)?(?:by\s+[^,]{3,80},?\s+that\s+)?", "", text[lead : modal.start()])
    at = modal.start() - len(before)
    last = re.split(r",\s+(?=the\s+)", before)[0].strip(" ,")
    shown = modal.group().lower()
    base = re.sub(r"^.*\s", "", shown)
    who = (Name(names.full(clean(last)), at, at + len(last)),) if last and len(last) < 160 else ()
    return Draft(
        re.sub(r"^(?:does|do)?\s*hereby\s+", "", shown), base, "decides", modal.start(), modal.end(), len(text), who
    )


def _infinitive_acts(text: str, governing: Draft, names: Names, *, own: bool) -> list[Draft]:
    """ "to report …" under "resolves", "(1) to develop …" under "REQUESTS the Director-General:", "propose …" in a list."""
    if re.match(r"that\b", text):
        who = subject(text, 0, len(text), names, plain=governing.force in _DIRECTING)
        return [Draft(governing.verb, governing.base, governing.force, 0, 4, len(text), tuple(who))]
    opening = _INFINITIVE.match(text)
    if not opening or (own is False and not re.match(r"to\s", text) and not _bare_verb(text, opening)):
        return []
    starts: list[tuple[int, int, str, str]] = [(0, opening.end(), opening.group().lower(), opening["verb"].lower())]
    for found in _COORDINATE.finditer(text, opening.end()):
        if found["verb"].startswith("to ") and not _parallel(text, found, governing):
            continue
        starts.append((found.start("verb"), found.end("verb"), found["verb"], found["verb"].split()[-1]))
    acts: list[Draft] = []
    for index, (start, lead, shown, base) in enumerate(starts):
        end = starts[index + 1][0] if index + 1 < len(starts) else len(text)
        force = words.FORCE_OF.get(base, "")
        who: tuple[Name, ...] = ()
        if force in _DIRECTING and base not in ("set",):
            who = tuple(_objects_after(text, lead, end, names))
        else:
            force = governing.force
        body_acts = own and governing.force == "decides" and not governing.who and bool(_SELF.match(shown))
        acts.append(Draft(shown, base, force, start, lead, end, who, body_acts))
    return acts


def _bare_verb(text: str, opening: re.Match[str]) -> bool:
    after = text[opening.end() :]
    return bool(
        re.match(r"\s+(?:an?|the|its|their|all|any|with|to|for|on|and|that|[a-z]+\s+[a-z])", after)
    ) and not opening["verb"].lower().endswith(("tion", "al", "for", "ing"))


def _parallel(text: str, found: re.Match[str], governing: Draft) -> bool:
    """Whether ", and to submit" stands beside the first infinitive: after a comma or semicolon, not "in order to"."""
    joint = found.group()[: found.start("verb") - found.start()]
    return "and" in joint and ("," in joint or ";" in joint) and not _PURPOSE.search(text[: found.start()])
