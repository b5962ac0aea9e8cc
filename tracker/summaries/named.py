"""The resolutions and decisions that a text names: what it does to each, where, and which of them are here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from tracker.models import Paragraph, Resolution, Version
from tracker.parsing.citations import Citation, citations

MOST = 60
# What is done to the text that is named, and what it does itself ("as amended by Resolution 30").
WORDS: dict[tuple[str, bool], Any] = {
    ("cites", False): gettext_lazy("cited"),
    ("revises", False): gettext_lazy("revised by this text"),
    ("amends", False): gettext_lazy("amended by this text"),
    ("supersedes", False): gettext_lazy("superseded by this text"),
    ("abrogates", False): gettext_lazy("abrogated by this text"),
    ("extends", False): gettext_lazy("extended by this text"),
    ("revises", True): gettext_lazy("revises what is spoken of"),
    ("amends", True): gettext_lazy("amends what is spoken of"),
    ("supersedes", True): gettext_lazy("supersedes what is spoken of"),
    ("abrogates", True): gettext_lazy("abrogates what is spoken of"),
    ("extends", True): gettext_lazy("extends what is spoken of"),
}


@dataclass(frozen=True)
class Named:
    """A text that is named: its words as they stand, what is done to it, the labels of the paragraphs that name it, and the
    resolution where it is here and the reader may see it."""

    words: str
    done: str
    places: list[str]
    resolution: Resolution | None


def named(version: Version, paragraphs: Sequence[Paragraph], seen: QuerySet[Resolution]) -> list[Named]:
    """Each text once, in the order of the words, those to which something is done first. One query where any is named."""
    first: dict[tuple[str, str, str], Citation] = {}
    places: dict[tuple[str, str, str], list[str]] = {}
    for paragraph in paragraphs:
        place = " ".join(part for part in (paragraph.heading, paragraph.label) if part) or paragraph.path
        for one in citations(paragraph.text):
            if first.setdefault(one.key, one).relation == "cites" and one.relation != "cites":
                first[one.key] = one
            if place not in places.setdefault(one.key, []):
                places[one.key].append(place)
    if not first:
        return []
    here = _here(list(first.values())[:MOST], version, seen)
    found = [
        Named(one.text, str(WORDS[one.relation, one.passive]), places[key], here.get(key))
        for key, one in list(first.items())[:MOST]
    ]
    return sorted(found, key=lambda one: one.done == str(WORDS["cites", False]))


def _here(
    found: list[Citation], version: Version, seen: QuerySet[Resolution]
) -> dict[tuple[str, str, str], Resolution]:
    """Those that are here. A name is matched by number; where it says which version or whose, that has to fit too: a number
    alone is another body's as easily as ours."""
    slugs = {one.key: f"{one.noun[0]}{slugify(one.number)}" for one in found}
    rows = seen.filter(slug__in=set(slugs.values())).select_related("body").prefetch_related("versions")
    made = {}
    for one in found:
        fitting = [
            row
            for row in rows
            if row.slug == slugs[one.key] and row.pk != version.resolution_id and _fits(one, row, version)
        ]
        if len(fitting) == 1:
            made[one.key] = fitting[0]
    return made


def _fits(one: Citation, row: Resolution, version: Version) -> bool:
    if one.body:
        known = {row.body.name.casefold(), row.body.short_name.casefold()}
        if one.body.casefold() not in known:
            return False
    elif row.body_id != version.resolution.body_id:
        return False
    said = one.designation.casefold()
    return not said or any(said == version.designation.casefold() for version in row.versions.all())
