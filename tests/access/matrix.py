"""The matrix: every cell of role × address × method × thing, what the table says of it, and what the product answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from tests.access.beside import FOREIGN_WORDS, RESTRICTED_WORDS, SAID_WORDS
from tests.access.rules import (
    ACCOUNTS,
    ACTS_AS,
    ADMIN,
    COMMENTS,
    NOBODY,
    OFFICERS,
    OPEN,
    PAGE,
    RULES,
    SEEN,
    STEPS,
    STRANGER,
    WITHOUT_ACCOUNT,
    Rule,
)
from tests.access.stage import Stage

LOGIN, MAY_NOT, MISSING, NOT_OFFERED, LET_IN = "log in", "may not", "missing", "not offered", "let in"
SAFE = ("GET", "HEAD")
PERSONS = ("person", "person who left")
# What stands in addresses beside the names of things.
FILLED = {
    "what": "visits",
    "uidb64": "MQ",
    "token": "gone",
    "object_id": "1",
    "content_type_id": "1",
    "app_label": "tracker",
    "url": "nothing",
}
UNNAMED = {r"^api/[\s\S]*\Z": "/api/v1/nothing/here/", r"admin:admin/(?P<url>.*)$": "/admin/nothing/"}


@dataclass(frozen=True)
class Address:
    """A pattern of the resolver: its name (its route where it has none), its route, and what stands in it."""

    name: str
    route: str
    parts: frozenset[str]


@dataclass(frozen=True)
class Cell:
    """One address of one thing."""

    rule: Rule
    address: Address
    thing: str
    url: str
    step: str = ""


def addresses() -> list[Address]:
    """Every pattern that the resolver knows."""
    return list(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[Any], before: str, namespace: str) -> Iterator[Address]:
    for one in patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            parts = frozenset(one.pattern.converters) | frozenset(one.pattern.regex.groupindex)
            yield Address(namespace + (one.name or route), route, parts)
        else:
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from _walk(one.url_patterns, route, inner)


def ruled(address: Address) -> list[Rule]:
    """The lines of the table that name an address."""
    return [rule for rule in RULES if any(_fits(address.name, name) for name in rule.names.split())]


def _fits(name: str, pattern: str) -> bool:
    return name == pattern or ("*" in pattern and "[" not in pattern and fnmatchcase(name, pattern))


def cells(stage: Stage) -> list[Cell]:
    """Every address of every thing that the table names, with each step where the step stands in the address."""
    found = []
    for address in addresses():
        for rule in ruled(address):
            for thing, given in stage.objects[rule.kind].items():
                if given and not set(given) <= address.parts:
                    continue
                for step in STEPS if "step" in address.parts - set(given) else ("",):
                    values = {name: {**FILLED, "step": step, **given}.get(name) for name in address.parts}
                    if None not in values.values():
                        found.append(Cell(rule, address, thing, _url(address, values), step or _step(address)))
    return found


def _url(address: Address, values: dict[str, Any]) -> str:
    if address.name in UNNAMED:
        return UNNAMED[address.name]
    if address.name.endswith(address.route):  # the administration's own short forms
        return f"/{address.route}".replace("<path:object_id>", "1")
    return reverse(address.name, kwargs=values)


def _step(address: Address) -> str:
    name = address.name.removeprefix("api-")
    return name if name in STEPS and name != address.name else ""


# What the table says ------------------------------------------------------------------------------------------------


def expected(role: str, cell: Cell, method: str) -> set[str]:
    """The answers that the table allows: one, but for methods that an address does not offer, where it may refuse as it
    refuses to read, or say that it does not offer them."""
    if cell.rule.door == ADMIN:
        return _at_the_administration(role, method) | ({LET_IN} if cell.address.name == "admin:logout" else set())
    if method in SAFE and cell.rule.read is not NOBODY:
        return {_asked(role, cell, cell.rule.read)}
    if method == "POST" and cell.rule.write is not NOBODY:
        return {_asked(role, cell, cell.rule.write)}
    if method in ("PUT", "DELETE") and cell.rule.put is not NOBODY:
        return {_asked(role, cell, cell.rule.put)}
    read = cell.rule.read if cell.rule.read is not NOBODY else cell.rule.write
    refusal = _asked(role, cell, read)
    if method == "OPTIONS" and (cell.rule.door == OPEN or not _unknown(role, cell.rule)):
        return {NOT_OFFERED, refusal, LET_IN}  # it says which methods there are, and no more
    return {NOT_OFFERED, refusal} - (set() if cell.rule.any_method else {LET_IN})


def _at_the_administration(role: str, method: str) -> set[str]:
    """It shows, and changes nothing for anybody: that is seen from the rows."""
    if role != "administrator":
        return {LOGIN, MAY_NOT}  # whoever is logged in is told so at its door
    return {LET_IN, MAY_NOT, MISSING, NOT_OFFERED} if method in SAFE else {MAY_NOT, MISSING, NOT_OFFERED, LET_IN}


def _asked(role: str, cell: Cell, audience: frozenset[str]) -> str:
    rule, thing = cell.rule, cell.thing
    if audience is NOBODY:
        return LOGIN if _unknown(role, rule) and rule.door != OPEN else NOT_OFFERED
    public = rule.public and "anonymous" in SEEN[rule.kind].get(thing, NOBODY)
    if _unknown(role, rule) and rule.door != OPEN and not public:
        return LOGIN
    if rule.door == OPEN and role not in audience:
        return LOGIN
    seen = ("anonymous" if _unknown(role, rule) else role) in SEEN[rule.kind].get(thing, NOBODY)
    may = _may(role, cell, audience)
    if rule.kind in PERSONS and not may:  # the list of accounts is itself a secret
        return MAY_NOT
    if not seen:
        return MISSING
    if not may:
        return MAY_NOT
    return {404: MISSING}.get(rule.odd.get(thing, 0), LET_IN)


def _unknown(role: str, rule: Rule) -> bool:
    """Nobody knows them at this door: no account, or a token where only sessions count."""
    outside = rule.door == ADMIN and role != "administrator"
    return role in WITHOUT_ACCOUNT or outside or (role == "token" and rule.door in (PAGE, ADMIN, OPEN))


def _may(role: str, cell: Cell, audience: frozenset[str]) -> bool:
    if cell.step:
        return acts_as(role, cell) in STEPS[cell.step].split()
    if audience >= ACCOUNTS:
        return role in audience
    if cell.rule.in_person and role == "substitute":
        return False
    return acts_as(role, cell) in audience


def acts_as(role: str, cell: Cell) -> str:
    """In what capacity a role acts on a thing. Accounts are no body's: any secretary acts on them."""
    if role == "stranger":
        everywhere = cell.thing in ("", "foreign") or cell.rule.kind in PERSONS
        return "secretary" if everywhere else ""
    if cell.thing == "foreign":
        return ""
    return ACTS_AS.get(role, role)


# What the product says ----------------------------------------------------------------------------------------------


class Caller:
    """A role that asks; what it was let in to do is taken back, so that every cell meets the same world."""

    def __init__(self, stage: Stage, role: str, *, csrf: bool = False) -> None:
        self.role = role
        self.http: Client = stage.client(role, csrf=csrf)
        self.session = self.http.cookies.get(settings.SESSION_COOKIE_NAME)

    def ask(self, method: str, url: str, **options: Any) -> HttpResponse:
        """The answer, with whatever it changed taken back."""
        if self.session is not None:
            self.http.cookies[settings.SESSION_COOKIE_NAME] = self.session.value
        with transaction.atomic():
            answer: HttpResponse = self.http.generic(method, url, **options)
            _read(answer)
            transaction.set_rollback(True)
        return answer

    def keep(self, method: str, url: str, **options: Any) -> HttpResponse:
        """The answer to what must be refused: nothing is taken back, so that a change would be seen."""
        if self.session is not None:
            self.http.cookies[settings.SESSION_COOKIE_NAME] = self.session.value
        answer: HttpResponse = self.http.generic(method, url, **options)
        _read(answer)
        return answer


def _read(answer: Any) -> None:
    """A file is read to its end, which closes it."""
    if answer.streaming:
        answer.content_read = b"".join(answer.streaming_content)


def said(answer: HttpResponse) -> str:
    """An answer in the words of the table."""
    where = answer.headers.get("Location", "")
    if answer.status_code == 401 or (
        answer.status_code == 302 and where.startswith(("/login/?next=", "/admin/login/?next="))
    ):
        return LOGIN
    known = {403: MAY_NOT, 404: MISSING, 405: NOT_OFFERED}
    if answer.status_code >= 500:
        return f"broken ({answer.status_code})"
    return known.get(answer.status_code, LET_IN)


def leaks(role: str, cell: Cell, answer: HttpResponse) -> list[str]:
    """Words that this role must not read and that the answer holds."""
    if cell.rule.door == ADMIN and role == "administrator":
        return []
    content = getattr(answer, "content_read", b"") or getattr(answer, "content", b"")
    shut = {RESTRICTED_WORDS: OFFICERS, FOREIGN_WORDS: STRANGER, SAID_WORDS: COMMENTS["restricted"]}
    return [words for words, readers in shut.items() if words.encode() in content and role not in readers]


def wrong(caller: Caller, cell: Cell, method: str, **options: Any) -> str:
    """What is wrong with a cell, or ""."""
    wanted = expected(caller.role, cell, method)
    if method == "POST" and (given := cell.rule.given):
        form = "application/json" if given.startswith("{") else "application/x-www-form-urlencoded"
        options |= {"data": given, "content_type": form}
    ask = caller.ask if LET_IN in wanted else caller.keep
    answer = ask(method, cell.url, **options)
    found = said(answer)
    name = f"{caller.role} {method} {cell.url} ({cell.thing})"
    if found not in wanted:
        return f"{name}: {found} ({answer.status_code}), not {' or '.join(sorted(wanted))}"
    if (
        found == LET_IN
        and method in ("GET", "POST")
        and answer.status_code != cell.rule.odd.get(cell.thing, answer.status_code)
    ):
        return f"{name}: {answer.status_code}, not {cell.rule.odd[cell.thing]}"
    if words := leaks(caller.role, cell, answer):
        return f"{name} tells of {words}"
    return ""
