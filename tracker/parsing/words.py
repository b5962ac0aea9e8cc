"""The words that open paragraphs of resolutions, and the grammar of their openings.

Sources: the printed forms of ITU, United Nations, WHO and CGPM resolutions and of United States municipal and corporate
ones. Verbs are listed by their base; the finite, past and participle forms are made from it.
"""

from __future__ import annotations

import re

# Base form -> force. The force of a verb is what it asks of others, from an order down to a mere stand ("notes").
_FORCES = {
    "decides": "decide resolve agree adopt approve establish create appoint elect authorize authorise endorse confirm "
    "renew extend terminate abrogate repeal amend declare determine designate proclaim certify ratify accept allocate "
    "grant admit suspend dissolve replace revise set undertake commit pledge mandate appropriate fix launch convene "
    "institute order reappoint rescind delegate revoke cancel withdraw abolish "
    "annul reconstitute transfer constitute",
    "instructs": "instruct direct charge task assign entrust command",
    "requests": "request ask demand require",
    "urges": "urge call exhort appeal press implore",
    "invites": "invite recommend suggest",
    "encourages": "encourage",
    "notes": "note take recall reaffirm affirm recognize recognise acknowledge welcome stress emphasize emphasise "
    "underline underscore highlight express commend congratulate thank appreciate condemn deplore regret reiterate "
    "believe consider observe support pay reject deny applaud salute look remind reassert state draw remain expect "
    "hope share concur conclude find insist join reconfirm register remember renounce caution",
}
# What a body that decides "to …" only states: no duty comes of it.
STATED = frozenset(
    re.findall(
        r"\w+",
        "thank reaffirm express recognize recognise commend congratulate welcome acknowledge recall emphasize "
        "emphasise stress "
        "note reiterate affirm condemn deplore regret underline",
    )
)
FORCE_OF = {base: force for force, bases in _FORCES.items() for base in bases.split()}
_IRREGULAR_PAST = {
    "take": "took",
    "set": "set",
    "pay": "paid",
    "draw": "drew",
    "find": "found",
    "withdraw": "withdrew",
    "thank": "thanked",
}


def _third(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeou":
        return base[:-1] + "ies"
    return base + ("es" if base.endswith(("s", "sh", "ch", "x")) else "s")


def _past(base: str) -> str:
    if base in _IRREGULAR_PAST:
        return _IRREGULAR_PAST[base]
    if base.endswith("y") and base[-2] not in "aeou":
        return base[:-1] + "ied"
    if base in ("commit", "admit", "regret"):
        return base + "ted"
    return base + ("d" if base.endswith("e") else "ed")


FINITE = {_third(base): base for base in FORCE_OF} | {_past(base): base for base in FORCE_OF}
PRESENT = {_third(base): base for base in FORCE_OF}

MODIFIERS = (
    r"(?:also|further|again|once again|once more|hereby|therefore|moreover|furthermore|nevertheless|accordingly"
    r"|likewise|"
    r"finally|in addition|in this (?:regard|context|connection|respect)|[a-z]+ly)"
)
_VERBS = "|".join(sorted(FINITE, key=len, reverse=True))
# A finite opening: "Decides", "further requests", "takes note", "The Security Council requests", "hereby resolves".
FINITE_OPENING = re.compile(rf"(?:{MODIFIERS},?\s+)*(?P<verb>{_VERBS})\b", re.IGNORECASE)
# "The Council decides", "The Board of Directors hereby resolves": the subject is repeated before the verb.
SUBJECT_OPENING = re.compile(
    rf"(?i:the|this)\s+(?:[A-Z][\w’'-]*(?:\s+(?:of|the|and|for|on|to|in|de|[A-Z][\w’'-]*))*)\s+"
    rf"(?:{MODIFIERS}\s+)*(?P<verb>{'|'.join(sorted(PRESENT, key=len, reverse=True))}|decided|requested|agreed|adopted"
    rf"|approved|endorsed|invited|urged|encouraged|instructed|resolved)\b"
    r"(?=\s+(?:also|further|that|to|the|its|all|any|[A-Z]|a\b|an\b|with))"
)
_BEFORE_VERBS = frozenset(re.findall(r"[a-z]+", MODIFIERS))
_SUBJECT_START = re.compile(r"(?i:the|this)\s")
# A word that is written like a verb of the list but stands for a thing ("Notes on …", "Supports of", "Calls for tender").
_NOUN_AFTER = re.compile(r"\s+(?:of|from|by|in|are|is|were|was|have|has)\b", re.IGNORECASE)

_STATES_OF_MIND = (
    "mindful|aware|conscious|cognizant|cognisant|concerned|alarmed|convinced|persuaded|determined|desirous|guided"
    "|inspired|"
    "encouraged|disturbed|pleased|grateful|satisfied|confident|hopeful|appalled|distressed|horrified|dismayed|shocked|"
    "committed|dedicated|outraged|appreciative|worried|anxious|eager|resolved|deeply|gravely|fully|keenly|seriously|"
    "profoundly|firmly|strongly|in view of|in the light of|in light of|in accordance with|in pursuance of|pursuant to|"
    "with a view|on the basis of|whereas|given that|taken into account"
)
_NO_PARTICIPLES = (
    "during|including|excluding|according|nothing|something|everything|being|king|wing|spring|string|ring|building|"
    "meeting|thing|beijing|evening|morning|funding|housing|training|engineering"
)
PARTICIPLE_OPENING = re.compile(
    rf"(?:(?:also|further|again|{MODIFIERS}|once|yet|while|and)\s+)*"
    rf"(?:(?!(?:{_NO_PARTICIPLES})\b)[a-z]+ing\b|(?:{_STATES_OF_MIND})\b)",
    re.IGNORECASE,
)
# A participle, or a finite verb, that stands alone on its line as a heading.
_TAIL = (
    r"(?:,?\s+(?:also|further|again|moreover|in mind|into account|into consideration|note|regard|to|of|with (?:\w+ )?"
    r"(?:concern|appreciation|satisfaction|interest|regret)|that|therefore|the fact|the following|as follows))*"
)
PARTICIPLE_HEADING = re.compile(
    rf"(?:(?:{MODIFIERS}|having|and)\s+)*(?:[a-z]+ing|considered|noted|recalled|recognized|examined|mindful|aware|"
    rf"conscious|concerned|convinced|in view of|whereas)\b{_TAIL}\s*[,:]?$",
    re.IGNORECASE,
)
FINITE_HEADING = re.compile(rf"(?:{MODIFIERS}\s+|and\s+)*(?:{_VERBS})\b{_TAIL}\s*[,:]?$", re.IGNORECASE)

WHEREAS = re.compile(r"(?:and\s+)?whereas\b", re.IGNORECASE)
RESOLVED = re.compile(
    r"(?:(?:and|but)\s+)?(?:now,?\s+)?(?:therefore,?\s+)?(?:(?:be|is)\s+it\s+|it\s+is\s+)?"
    r"(?:(?:also|hereby|further|finally|therefore),?\s+)*(?:resolved|ordained|enacted)\b",
    re.IGNORECASE,
)
RESOLVED_LINE = re.compile(
    r"(?:NOW,?\s+THEREFORE|BE\s+IT\s+(?:\w+\s+)?RESOLVED|IT\s+IS\s+(?:\w+\s+)?RESOLVED|(?:FURTHER\s+)?RESOLVED\b"
    r"|WHEREAS\b"
    r"|(?:Now, therefore,|Be it (?:\w+ )?resolved|Resolved,|Resolved further|Resolved that|Whereas\b)"
    r"|AND\s+(?:BE\s+IT|WHEREAS)\b)"
)
ADOPTS_THIS = re.compile(
    r"(?:has|have|hereby)\s+(?:hereby\s+)?(?:adopted|decided|resolved|agreed|adopts?|decides?"
    r"|resolves?)\b[^.;]{0,60}:?$",
    re.IGNORECASE,
)
THEREFORE_ALONE = re.compile(
    r"(?:and\s+)?(?:now,?\s+)?(?:therefore|accordingly)[,:]?$|(?:and|or)[,;]?$|(?:has|have) (?:decided|resolved"
    r"|agreed) as "
    r"follows[:,]?$|and be it further[,:]?$",
    re.IGNORECASE,
)
ENACTING = re.compile(
    r"(?:now,?\s+)?(?:therefore,?\s+)?(?:(?:the|we|its)\s+(?:[A-Z]|\d{1,3}(?:st|nd|rd|th)\s)\S*|at\s+its\s+\S+).{0,240}[,:]$"
    r"|(?-i:[A-Z]{2,}(?:[/ ](?:[A-Z]+|\d+))*),$",
    re.IGNORECASE,
)
# "THE CONFERENCE OF THE PARTIES" without a comma.
ENACTING_BARE = re.compile(r"(?i:the)\s+[A-Z][\w’'-]*(?:\s+[\w’'-]+){0,12}$")
CLOSING = re.compile(
    r"\d{1,4}(?:st|nd|rd|th)\s+(?:\(\w+\)\s+)?(?:\w+\s+)?meeting\b(?!\s+of)"
    r"|(?:[a-z]+-)?(?:first|second|third|[a-z]+th)\s+(?:(?:plenary|ordinary|formal|regular|closed)\s+)?meeting,\s+\d"
    r"|[\[(]?(?:adopted|approved|passed|signed|carried|enacted|done|dated|given|so ordered|ratified)\s+"
    r"(?:and\s+\w+\s+)?(?:at|by|this|on|unanimously|without|in|under|as)\b"
    r"|(?:signature|attest|signed|mayor|chair(?:man|person)?|secretary|recorder|clerk|ayes|nays|yeas|in favou?r"
    r"|against|"
    r"abstain(?:ing|ed)|recorded vote|note|nb|source|end of (?:text|resolution))\s*(?:[:.]|\[|$)"
    r"|signature\b|the (?:present )?(?:resolution|decision|motion) was (?:taken|adopted|carried|approved|passed)\b"
    r"|the reader should note|\((?:[\w-]+\s+){1,4}(?:plenary )?meeting\b"
    r"|(?:in favou?r|against|abstaining)\s*:|_{5,}|-{5,}|\*\s*\*\s*\*$|\[?adopted (?:unanimously|without)",
    re.IGNORECASE,
)
ANNEX = re.compile(
    r"(?:ANNEX|Annex|ATTACHMENT|Attachment|APPENDIX|Appendix|SCHEDULE|Schedule)(?:\s+(?:\d{1,2}|[IVX]{1,5}|[A-Z]))?"
    r"(?:\s*[:.–—-].{0,120}|\s+(?:to|\().{0,120})?$"
)
_TERMINAL = re.compile(r"[.;:,!?][\"”’»)\]]*\s?\d{0,2}(?:,\d{1,2})*$|[;.,:]?\s*\b(?:and|or)$|^[)\]]$")


def ends_clause(text: str) -> bool:
    """Whether a clause may end here: punctuation, perhaps with a footnote digit, or a closing "and"."""
    return bool(_TERMINAL.search(text[-40:].rstrip()))


def _may_act(text: str) -> bool:
    """A quick look at the first word: a verb of the list, or what may stand before one."""
    first = text.split(None, 1)[0].rstrip(",:").lower() if text.strip() else ""
    return first in FINITE or first in _BEFORE_VERBS or first.endswith("ly")


def finite_base(text: str) -> str:
    """The base of the finite verb that opens `text` ("Also requests the …" -> "request"), or "" when none does."""
    found = FINITE_OPENING.match(text) if _may_act(text) else None
    if found and not _NOUN_AFTER.match(text, found.end()):
        return FINITE[found["verb"].lower()]
    if _SUBJECT_START.match(text) and (found := SUBJECT_OPENING.match(text[:400])):
        return FINITE[found["verb"].lower()]
    return ""


def is_participle(text: str) -> bool:
    """Whether `text` opens as a preambular paragraph does: a participle, or a state of mind ("Mindful of …")."""
    return bool(PARTICIPLE_OPENING.match(text))
