"""Acts: the verbs of an operative paragraph, each with its stretch of words, its force and whom it addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from tracker.parsing import words
from tracker.parsing.addressees import Name, Names, clean, objects, subject

DIRECTING = ("instructs", "requests", "urges", "invites", "encourages")
_PHRASE = re.compile(
    r"(?:\s+(?:also|further|again|once again|moreover|note|upon|on|for))*"
    r"(?:\s+(?:with\s+(?:\w+\s+)?(?:appreciation|concern|satisfaction|interest|regret|gratitude)|"
    r"its\s+(?:previous\s+|earlier\s+)?(?:request|call|demand|invitation|appeal|recommendation|instruction)s?\b))?",
    re.IGNORECASE,
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
_NEXT = re.compile(
    rf"(?:,\s+and\s+|;\s+and\s+|[,;]\s+|\s+and\s+)(?P<lead>(?:{words.MODIFIERS}\s+)*)"
    rf"(?P<verb>{'|'.join(sorted((*words.FINITE, *(w.upper() for w in words.FINITE)), key=len, reverse=True))})\b"
    r"(?=\s+(?:also\s+|further\s+)?(?:the|its|that|all|any|those|these|them|it|an?|to|upon|on|with|note|each|every"
    r"|both|once|[A-Z]))"
)
_TO_VERB = re.compile(r"\s*,?\s*(?:[^,;:]{2,60}?,\s+)?to\s+(?P<verb>[a-z]+)")
_INFINITIVE = re.compile(
    r"(?:to\s+)?(?:(?:[a-z]+ly|also|further|not|jointly)\s+)*(?P<verb>[a-z]+)"
    r"(?P<more>\s+to\s+(?!the\b|an?\b|its\b|all\b|any\b|each\b|their\b|this\b)[a-z]+"
    r"|(?<=consider)\s+[a-z]+ing(?:\s+and\s+[a-z]+ing)?)?",
    re.IGNORECASE,
)
_COORDINATE = re.compile(
    r"(?:,\s+and\s+|;\s+(?:and\s+)?|\s+and\s+|,\s+)(?P<verb>(?:to\s+(?:[a-z]+ly\s+)?[a-z]+|(?:submit|report|present"
    r"|inform|transmit)\b"
    r"(?=\s+(?:an?|its|the|to|on|back))|(?:submitting|reporting|presenting)\b(?=\s+(?:these|this|them|it|the|a)\b)))"
)
_PASSIVE = re.compile(
    r"\b(?:be,?\s+and\s+(?:each\s+of\s+them\s+|the\s+same\s+)?(?:hereby\s+)?(?:is|are)?,?(?:\s+hereby)?(?:\s+is|\s+are)?,?"
    r"\s+[a-z]+(?:\s+and\s+[a-z]+ed\b)?"
    r"|(?:is|are|be)\s+(?:hereby|hereafter)\s+[a-z]+(?:\s+and\s+[a-z]+ed\b)?"
    r"|(?:is|are)\s+(?:directed|instructed|requested|urged|invited|encouraged|authorized|authorised|asked)\b"
    r"|be\s+[a-z]+ed"
    r"|(?:does\s+|do\s+)?hereby\s+[a-z]+|(?:shall|should|will|must|may)\s+(?:be\s+)?[a-z]+)"
)
# The words of a list that are no verb: what begins with one is a sentence, not "to …".
_NO_VERB = frozenset(
    re.findall(r"\w+", "a an the this that these those all any each every no its their such our we it they one both if")
)
# "that we urge the Governor", "that the Department report to": the clause of a RESOLVED whose verb stands in its base form.
_WE = re.compile(
    rf"(?:we|this\s+[a-z]+)\s+(?:hereby\s+)?(?P<verb>{'|'.join(sorted(words.FORCE_OF, key=len, reverse=True))})\b",
    re.IGNORECASE,
)
_NAMED_SUBJECT = re.compile(
    rf"(?:[Tt]he\s+)?(?:[A-Z][\w’'-]*(?:\s+(?:of|the|and|for|on)(?=\s+[A-Z])|\s+(?:the\s+)?[A-Z][\w’'-]*)*)\s+"
    rf"(?:{words.MODIFIERS}\s+)*(?P<verb>{'|'.join(sorted(words.PRESENT, key=len, reverse=True))})\b"
)
_SUBJUNCTIVE = re.compile(
    r"(?P<who>(?:[Tt]he\s+|[Aa]ll\s+|[Ee]ach\s+)?[A-Z][\w’'-]*(?:\s+(?:(?:of|on|for|and)\s+)?(?:the\s+)?[A-Z][\w’'-]*)*)\s+"
    r"(?:promptly\s+|hereby\s+)?(?P<verb>(?!of|on|for|and|to|in|is|are|was|has|have|be|that|which|with)[a-z]+(?<!s)(?<!ed)(?<!ing))\s+"
    r"(?=(?:to|the|a|an|its|any|all|upon|on|with|in|back)\b)"
)
_SELF = re.compile(
    r"(?:to\s+)?(?:maintain|establish|create|keep|remain|dissolve|renew|extend|convene|set|include|reconvene|hold"
    r"|retain|place|accord)\b"
)
_PERMITS = frozenset(
    re.findall(
        r"\w+",
        "allow invite request authorize authorise instruct encourage urge mandate direct permit task entrust ask "
        "charge call recommend",
    )
)
_PURPOSE = re.compile(r"\b(?:in order|so as|with a view|as well as|relating|due|according|prior|up)$")
_CREATES = ("establish", "create", "convene", "set", "institute", "reconvene")
_CREATED = re.compile(
    r"(?:\s+up)?\s+(?:an?|the)\s+(?P<who>(?:[a-z][\w-]*\s+){0,4}?(?:working group|task force|expert group|group of "
    r"experts|"
    r"committee|commission|panel|board|unit))\b"
)
_ITS_REQUEST = re.compile(r"\bits\s+(?:\w+\s+)?(request|call|demand|invitation|appeal|recommendation|instruction)s?$")
_THAT = re.compile(r"\s+that\b")
_TO_SPACE = re.compile(r"\s+(?:to\s+)?")
_INFINITIVE_OR_LIST = re.compile(r"\bto\s+(?!the\b|an?\b|its\b|all\b|this\b|these\b)[a-z]+|:")
_BY_ALL = re.compile(r"\bby\s+(?P<who>(?:all|the)\s+(?:parties|States|Member\s+States|sides))\b")
_CLAUSE_START = re.compile(
    r"^[,:]?\s*(?:further,?\s+)?(?:that,?\s+)?(?:by\s+(?:\([^)]*\)|[^,(]){3,160}(?:\([^)]*\))?,?\s+that\s+)?",
    re.IGNORECASE,
)
_SUBJECT_END = re.compile(r",\s+(?=the\s+|to\s+be\b)|\s+\(")
_BORNE_BY = re.compile(r"\b(?:upon|on|of)\s+(?:the\s+)?(?P<who>[A-Z][\w’'-]*(?:\s+[A-Z][\w’'-]*)*)\s*$")
_LONG_NAME = 90
# Who can act: a name, or a word for people ("This resolution" and "the report" can't).
_ACTOR = re.compile(
    r"^(?!This\b)(?:[Tt]he\s+|[Aa]ll\s+|[Ee]ach\s+|[Aa]n?\s+)?(?:[A-Z]|office of)"
    r"|\b(?:group|committee|members?|parties|states|secretariat|persons?|officers?|clerk|board|staff)\b"
)
_OPENS = re.compile(r"\b(?:to|shall|should|will|must)\s*[:—–-]*$")
# A verb that the list of verbs lacks: "REVOKES resolution 849", "Abjures the old plan".
_UNKNOWN_VERB = re.compile(
    r"(?P<verb>[A-Z]{3,}S|(?!This|Its|Thus)[A-Z][a-z]{2,}s)\s+(?=(?:the|its|that|all|any|an?)\b|[a-z]+ [A-Z\d])"
)


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
    opens: bool = False  # the words end in "to:" or "shall:": whatever follows in the list is a verb


def find_acts(text: str, *, heading: str, parent: Draft | None, names: Names) -> list[Draft]:
    """The acts of a paragraph; `heading` are the lead words above it, `parent` the last act of the item that it "
    "hangs on."""
    if found := words.RESOLVED.match(text):
        return _resolved(text, found.end(), names)
    opening = _finite(text)
    if opening and not (parent and opening["verb"] in words.FORCE_OF):  # "set up committees" in a list is no past tense
        return _finite_acts(text, opening, names)
    text = text[:1].lower() + text[1:] if text.startswith("To ") else text
    governing = parent or (_lead_of(heading) if heading else None)
    if governing is None or _is_sentence(text):
        return _bare_acts(text, names)
    if governing.force == "notes":
        return []
    return _infinitive_acts(text, governing, names, own=parent is None)


def _is_sentence(text: str) -> bool:
    """Whether a paragraph below lead words is a sentence of its own ("The City Manager is hereby directed …")."""
    first = re.match(r"[A-Za-z]+", text)
    if first is None or text.startswith(("that ", "to ")):
        return False
    if first.group().lower() in _NO_VERB:
        return True
    if first.group().lower() in words.FORCE_OF:
        return False
    return (
        text[0].isupper()
        and bool(_PASSIVE.search(text[:300]))
        and not re.match(r"[A-Z][a-z]+\s+(?:the|an?|all|its)\b", text)
    )


def _bare_acts(text: str, names: Names) -> list[Draft]:
    """The act of a sentence without a known lead verb: its modal verb, or a first word that has a verb's form."""
    if unknown := _UNKNOWN_VERB.match(text):
        verb = unknown["verb"].lower()
        return [Draft(verb, verb[:-1], "decides", 0, unknown.end("verb"), len(text))]
    modal = _PASSIVE.search(text)
    return [_modal(text, modal, names)] if modal else []


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
            starts.append((found.start("lead"), found.end(), found["verb"]))
    acts: list[Draft] = []
    for (start, lead, verb), (end, _, _) in zip(starts, [*starts[1:], (len(text), 0, "")], strict=True):
        act = _finite_act(text, (start, lead, end), verb.lower(), names)
        acts.append(_led_back(text, act, acts))
    acts[-1] = replace(acts[-1], opens=bool(_OPENS.search(text)))
    return acts


def _led_back(text: str, act: Draft, before: list[Draft]) -> Draft:
    """ "invites them" means those whom the act before addresses."""
    earlier = before[-1].who if before else ()
    if earlier and any(text[one.start : one.end].lower() in ("them", "they") for one in act.who):
        who = tuple(Name(one.name, act.who[0].start, act.who[0].end) for one in earlier)
        return replace(act, who=who)
    return act


def _first_word(text: str, opening: re.Match[str]) -> int:
    """Where the verb with its modifiers begins, past a repeated subject ("The Security Council requests")."""
    return opening.start("verb") if re.match(r"(?i:the|this)\s", text) else 0


def _finite_act(text: str, places: tuple[int, int, int], verb: str, names: Names) -> Draft:
    start, lead, end = places
    base = words.FINITE[verb]
    force = words.FORCE_OF[base]
    if phrase := _PHRASE.match(text, lead, end):
        lead = phrase.end()
    shown = text[start:lead].lower()
    if its := _ITS_REQUEST.search(shown):
        force = _ITS[its[1]]
    act = Draft(shown, base, force, start, lead, end)
    if force in DIRECTING:
        return replace(act, who=tuple(_objects_after(text, lead, end, names)))
    return _deciding(text, act, names) if force == "decides" else act


def _deciding(text: str, act: Draft, names: Names) -> Draft:
    """ "decides to establish …", "decides to invite …", "decides that the President shall …", "establishes a group"."""
    inner = _TO_VERB.match(text, act.lead, act.end) if act.base in ("decide", "resolve", "agree") else None
    if inner is None:
        created = _CREATED.match(text, act.lead, act.end)
        if created and act.base in _CREATES:
            return replace(act, who=(Name(created["who"], created.start("who"), created.end("who")),))
        if act.base in ("authorize", "authorise", "mandate"):
            return replace(act, who=tuple(objects(text, act.lead, act.end, names)))
        return replace(act, who=tuple(subject(text, act.lead, act.end, names)))
    verb, after = inner["verb"], inner.end()
    act = replace(act, base=verb)
    if text[act.lead : inner.start("verb")].strip() == "to":
        act = replace(act, lead=after, verb=text[act.start : after].lower())
    if verb in _PERMITS:
        force = words.FORCE_OF.get(verb, act.force)
        return replace(act, force=force, who=tuple(objects(text, after, act.end, names)))
    created = _CREATED.match(text, after, act.end)
    if created and verb in _CREATES:
        return replace(act, who=(Name(created["who"], created.start("who"), created.end("who")),))
    return replace(act, body_acts=True)


def _objects_after(text: str, lead: int, end: int, names: Names) -> list[Name]:
    """Whom a directing verb addresses; nobody when the words after it name only a thing ("demands the release …")."""
    if _THAT.match(text, lead, end):
        return subject(text, lead, end, names, plain=True)
    if not _INFINITIVE_OR_LIST.search(text, lead, end):
        by_all = _BY_ALL.search(text, lead, end)
        return [Name(by_all["who"], by_all.start("who"), by_all.end("who"))] if by_all else []
    begin = _TO_SPACE.match(text, lead, end)
    return objects(text, begin.end() if begin else lead, end, names)


def _resolved(text: str, lead: int, names: Names) -> list[Draft]:
    """A RESOLVED clause: its passive predicate is the verb, the words before it the addressee."""
    infinitive = re.compile(r"[,:]?\s+to\s+([a-z]+)").match(text, lead)
    if infinitive:
        return [
            Draft(f"resolved to {infinitive[1]}", infinitive[1], "decides", 0, infinitive.end(), len(text), (), True)
        ]
    begin = _CLAUSE_START.match(text[lead:])
    start = lead + (begin.end() if begin else 0)
    if acts := _clause_acts(text, start, names):
        return acts
    modal = _PASSIVE.search(text, lead)
    if not modal:
        return [Draft(text[:lead].lower(), "resolve", "decides", 0, lead, len(text))]
    return [_modal(text, modal, names, lead)]


def _clause_acts(text: str, start: int, names: Names) -> list[Draft]:
    """What the clause of a RESOLVED does: "that the Senate requests the Provost to …", "that we urge …", "that the Department
    report …"; nothing where it is passive or modal."""
    modal = _PASSIVE.search(text, start)
    inner = text[start:]
    opening = words.SUBJECT_OPENING.match(inner[:400]) or _NAMED_SUBJECT.match(inner[:400])
    if opening and (modal is None or start + opening.end() <= modal.start()):
        return [_moved(one, start) for one in _finite_acts(inner, opening, names)]
    if we := _WE.match(text, start):
        verb = we["verb"].lower()
        force = words.FORCE_OF[verb]
        lead = we.end()
        if phrase := _PHRASE.match(text, lead):
            lead = phrase.end()
        act = Draft(text[we.start("verb") : lead].lower(), verb, force, we.start("verb"), lead, len(text))
        return [replace(act, who=tuple(_objects_after(text, lead, len(text), names))) if force in DIRECTING else act]
    told = _SUBJUNCTIVE.match(text, start)
    if told and (modal is None or told.end() <= modal.start()):
        who = Name(names.full(clean(told["who"])), told.start("who"), told.end("who"))
        return [Draft(told["verb"], told["verb"], "decides", told.start("verb"), told.end("verb"), len(text), (who,))]
    return []


def _moved(act: Draft, by: int) -> Draft:
    """An act found in a later part of the text, with its places counted from the beginning."""
    who = tuple(Name(one.name, one.start + by, one.end + by) for one in act.who)
    return replace(act, start=act.start + by, lead=act.lead + by, end=act.end + by, who=who)


def _modal(text: str, modal: re.Match[str], names: Names, lead: int = 0) -> Draft:
    """A clause by its modal or passive verb; the words before it name who is meant."""
    before = _CLAUSE_START.sub("", text[lead : modal.start()])
    at = modal.start() - len(before)
    name = _SUBJECT_END.split(before)[0].strip(" ,")
    if len(name) > _LONG_NAME and (inner := _BORNE_BY.search(before)):
        at, name = at + inner.start("who"), inner["who"]
    shown = modal.group().lower()
    borne = re.match(
        r"(?:shall|should|will|must|may)\s+be\s", modal.group()
    )  # what "shall be paid" does nothing itself
    acting = 0 < len(name) <= _LONG_NAME and _ACTOR.search(name) and not borne
    who = (Name(names.full(clean(name)), at, at + len(name)),) if acting else ()
    verb = re.sub(r"^(?:(?:does|do)\s+)?hereby\s+", "", shown)
    told = [words.FINITE[one] for one in re.findall(r"[a-z]+", shown) if one in words.FINITE]
    force = next((words.FORCE_OF[one] for one in told if words.FORCE_OF[one] in DIRECTING), "decides")
    return Draft(verb, told[-1] if told else shown.split()[-1], force, modal.start(), modal.end(), len(text), who)


def _infinitive_acts(text: str, governing: Draft, names: Names, *, own: bool) -> list[Draft]:
    """ "to report …" under "resolves", "(1) to develop …" under "REQUESTS the Director-General:", "propose …" in a "
    "list."""
    if text.startswith("that "):
        subjects = subject(text, 0, len(text), names, plain=governing.force in DIRECTING)
        return [Draft(governing.verb, governing.base, governing.force, 0, 4, len(text), tuple(subjects))]
    opening = _INFINITIVE.match(text)
    listed = own or governing.opens or text.startswith("to ")
    if not opening or not (listed or _bare_verb(text, opening)):
        return []
    starts: list[tuple[int, int, str, str]] = [(0, opening.end(), opening.group().lower(), opening["verb"].lower())]
    starts.extend(
        (found.start("verb"), found.end("verb"), found["verb"], found["verb"].split()[-1])
        for found in _COORDINATE.finditer(text, opening.end())
        if not found["verb"].startswith("to ") or _parallel(text, found)
    )
    acts: list[Draft] = []
    for (start, lead, shown, base), (end, _, _, _) in zip(starts, [*starts[1:], (len(text), 0, "", "")], strict=True):
        act = Draft(shown, base, governing.force, start, lead, end)
        if base == "call" and (phrase := _PHRASE.match(text, lead, end)):
            act = replace(act, lead=phrase.end(), verb=text[start : phrase.end()].lower())
        if own and governing.force == "decides" and base in words.STATED:
            act = replace(act, force="notes")
        elif (force := words.FORCE_OF.get(base, "")) in DIRECTING:
            act = replace(act, force=force, who=tuple(_objects_after(text, act.lead, end, names)))
        elif own and governing.force == "decides" and not governing.who and _SELF.match(shown):
            act = replace(act, body_acts=True)
        acts.append(act)
    return acts


def _bare_verb(text: str, opening: re.Match[str]) -> bool:
    after = text[opening.end() :]
    return bool(
        re.match(r"\s+(?:an?|the|its|their|all|any|with|to|for|on|and|that|[a-z]+\s+[a-z])", after)
    ) and not opening["verb"].lower().endswith(("tion", "al", "for", "ing"))


def _parallel(text: str, found: re.Match[str]) -> bool:
    """Whether ", and to submit" stands beside the first infinitive: after a comma or semicolon, not "in order to"."""
    joint = found.group()[: found.start("verb") - found.start()]
    return "and" in joint and ("," in joint or ";" in joint) and not _PURPOSE.search(text[: found.start()])
