"""The verbs that put a wrong reading right, while a version is in intake: split, merge, relabel, set aside, take up, undo.

Nothing is lost: a paragraph that is no item any more stays as a row that is set aside, and its words show among those that are
read as no paragraph. The words of a paragraph are always those at its places in the version's text. Each correction is one
event on the version that says how the places and names stood before, and `undo_correction` puts them back.
"""

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils.translation import gettext as _

from tracker import audit, intake
from tracker.models import Obligation, Paragraph, Person, Version
from tracker.parsing.lines import Passage
from workflows.steps.beats import said
from workflows.steps.bodies import NotTheMoment
from workflows.steps.intake import deciding

Kind = Paragraph.Kind
KEPT = ("kind", "path", "label", "parent_id", "section", "position", "spans")
"""What of a paragraph a correction changes, and an undo puts back; its words follow from its places."""
_PATH = re.compile(r"[\w.()*~§-]{1,60}")


def relabel_item(paragraph: Paragraph, *, label: str, path: str, parent: Paragraph | None, by: Person) -> Paragraph:
    """Give an item the label, the path and the place in the tree that the document has. What hangs below it goes along: a
    path that begins with the old one begins with the new one."""
    with deciding(paragraph.version, by=by) as (version, acting_for):
        rows = _rows(version)
        item = _item(rows, paragraph)
        _free(rows, path, besides=item)
        if parent is not None:
            parent = _item(rows, parent)
            _no_loop(item, parent)
        old, before = item.path, _before(rows)
        below = [one for one in rows if one.kind == Kind.OPERATIVE and one.pk != item.pk and _hangs(one, item)]
        item.label, item.path, item.parent = label.strip(), path.strip(), parent
        for one in below:
            if one.path.startswith(old):
                one.path = path.strip() + one.path[len(old) :]
                _free(rows, one.path, besides=one)
        _kept(version, "version.item_relabelled", before, [item, *below], by=by, acting_for=acting_for)
        _renamed(before, [item, *below], by=by, acting_for=acting_for)
    return item


def split_item(paragraph: Paragraph, *, words: str, label: str, path: str, by: Person) -> Paragraph:
    """Make two items of one: the second begins with `words`, a stretch of its text. Duties stay with the first. Returns the
    second."""
    with deciding(paragraph.version, by=by) as (version, acting_for):
        rows = _rows(version)
        item = _item(rows, paragraph)
        _open(item)
        _free(rows, path)
        passage = Passage(version.text, _pieces(version, item.spans))
        at = _found_once(passage.text, said("words", words), "words")
        if at == 0:
            raise ValidationError({"words": _("The second part begins after the first words of the item.")})
        before = _before(rows)
        first, second = passage.locate(0, at), passage.locate(at, len(passage.text))
        after = [one for one in reversed(rows) if one.position > item.position]
        for one in after:
            one.position += 1
        item.spans = _lists(first)
        new = _new(version, item, _lists(second), label=label, path=path, position=item.position + 1)
        version.unaccounted += 1
        _worded(version, [item, new])
        _kept(version, "version.item_split", before, [*after, item, new], by=by, acting_for=acting_for)
    return new


def merge_item(paragraph: Paragraph, *, by: Person) -> Paragraph:
    """Make an item part of the one before it: its words and its duties go there, and what hung on it. Returns that one."""
    with deciding(paragraph.version, by=by) as (version, acting_for):
        rows = _rows(version)
        item = _item(rows, paragraph)
        earlier = [one for one in rows if one.kind == Kind.OPERATIVE and one.position < item.position]
        if not earlier:
            raise NotTheMoment(_("There is no item before %(path)s.") % {"path": item.path})
        target, before = earlier[-1], _before(rows)
        _open(item, target)
        _uncovered(item)
        spans = [*target.spans, *item.spans]
        if spans != sorted(spans):
            raise NotTheMoment(_("The words of %(path)s do not follow those of the item before.") % {"path": item.path})
        target.spans = spans
        below = [one for one in rows if one.parent_id == item.pk]
        for one in below:
            one.parent = target
        _aside(item)
        _worded(version, [target])
        _count(version, rows)
        duties = list(item.obligations.order_by("number"))
        moved = {str(duty.pk): [item.pk, duty.number] for duty in duties}
        rows_now = [target, *below, item]
        _kept(version, "version.items_merged", before, rows_now, by=by, acting_for=acting_for, duties=moved)
        last = target.obligations.aggregate(last=Max("number"))["last"] or 0
        for number, duty in enumerate(duties, last + 1):
            _move(duty, target, number, by=by, acting_for=acting_for)
    return target


def set_item_aside(paragraph: Paragraph, *, preamble: bool, by: Person) -> Paragraph:
    """This is no item: a paragraph of the preamble, or (without `preamble`) none of the resolution's paragraphs at all. An
    item with duties is refused: they are dropped first."""
    with deciding(paragraph.version, by=by) as (version, acting_for):
        rows = _rows(version)
        item, before = _item(rows, paragraph), _before(rows)
        _uncovered(item)
        if item.obligations.exists():
            raise NotTheMoment(_("Item %(path)s has duties: drop them first.") % {"path": item.path})
        below = [one for one in rows if one.parent_id == item.pk]
        for one in below:
            one.parent = item.parent
        _aside(item)
        if preamble:
            item.kind, item.path = Kind.PREAMBULAR, _next_preambular(rows)
        _count(version, rows)
        _kept(version, "version.item_set_aside", before, [*below, item], by=by, acting_for=acting_for)
    return item


def take_up_words(  # noqa: PLR0913  (what the document says of an item)
    version: Version, *, words: str, label: str, path: str, parent: Paragraph | None, by: Person
) -> Paragraph:
    """Make an item of words that are read as none: a paragraph of the preamble, quoted whole, or words that no paragraph has.
    It stands where its words stand. Returns the item, not accounted for."""
    with deciding(version, by=by) as (locked, acting_for):
        rows = _rows(locked)
        before = _before(rows)
        _free(rows, path)
        parent = _item(rows, parent) if parent is not None else None
        quoted = " ".join(said("words", words).split())
        known = next((one for one in rows if one.kind == Kind.PREAMBULAR and one.text == quoted), None)
        if known is not None:
            known.kind, known.path, known.label = Kind.OPERATIVE, path.strip(), label.strip()
            known.parent, known.section = parent, ""
            locked.unaccounted += 1
            _kept(locked, "version.item_taken_up", before, [known], by=by, acting_for=acting_for)
            return known
        whole = Passage(locked.text, [(0, len(locked.text))])
        at = _found_once(whole.text, quoted, "words")
        spans = _lists(whole.locate(at, at + len(quoted)))
        (start, end) = (spans[0][0], spans[-1][1])
        standing = [one for one in rows if one.kind != Kind.ASIDE and one.spans]
        if any(a < end and b > start for one in standing for a, b in one.spans):
            raise ValidationError(
                {"words": _("Some of these words belong to another paragraph: set that aside first.")}
            )
        earlier = [one.position for one in standing if one.spans[0][0] < start]
        position = max(earlier, default=0) + 1
        after = [one for one in reversed(rows) if one.position >= position]
        for one in after:
            one.position += 1
        new = _new(locked, parent, spans, label=label, path=path, position=position)
        new.parent, new.section = parent, parent.section if parent else ""
        _worded(locked, [new])
        locked.unaccounted += 1
        _kept(locked, "version.item_taken_up", before, [*after, new], by=by, acting_for=acting_for)
    return new


def undo_correction(version: Version, *, by: Person) -> Version:
    """Take the last correction back that was not taken back yet: labels, places and kinds stand as before it, and duties
    that a merge moved go back, to be confirmed anew. NotTheMoment where there is none, or where an item that it made has come
    to be used."""
    with deciding(version, by=by) as (locked, acting_for):
        event = intake.last_correction(locked)
        if event is None:
            raise NotTheMoment(_("There is no correction to take back."))
        rows = {one.pk: one for one in _rows(locked)}
        before = _before(rows.values())
        restore = event.changes["restore"][1]
        made = [rows[pk] for pk in event.changes["made"][1] if pk in rows]
        moved: dict[str, list[int]] = event.changes.get("duties", [None, {}])[1]
        for one in made:
            if one.obligations.exists() or one.disposition or any(other.parent_id == one.pk for other in rows.values()):
                raise NotTheMoment(_("Item %(path)s is in use by now: take that back first.") % {"path": one.path})
        last = max((one.position for one in rows.values()), default=0)
        for number, one in enumerate(made, 1):
            _aside(one)
            one.position, one.spans = last + number, []
        changed = []
        for key, columns in restore.items():
            one = rows[int(key)]
            for name, value in columns.items():
                setattr(one, name, value)
            changed.append(one)
        rising = all(one.position <= before[one.pk]["position"] for one in changed)
        changed.sort(key=lambda one: one.position, reverse=not rising)
        _worded(locked, [one for one in changed if one.spans])
        _count(locked, rows.values())
        _kept(locked, intake.UNDONE, before, [*made, *changed], by=by, acting_for=acting_for)
        for duty in Obligation.objects.filter(pk__in=[int(pk) for pk in moved]).order_by("number"):
            paragraph, number = moved[str(duty.pk)]
            _move(duty, rows[paragraph], number, by=by, acting_for=acting_for)
        _renamed(before, changed, by=by, acting_for=acting_for)
    return locked


# What they share -------------------------------------------------------------------------------------------------------


def _rows(version: Version) -> list[Paragraph]:
    rows = list(version.paragraphs.order_by("position"))
    for one in rows:
        one.version = version
    return rows


def _item(rows: Iterable[Paragraph], wanted: Paragraph) -> Paragraph:
    """An operative item of the version, as it stands now."""
    found = next((one for one in rows if one.pk == wanted.pk and one.kind == Kind.OPERATIVE), None)
    if found is None:
        raise NotTheMoment(_("This is no item of this version any more."))
    return found


def _before(rows: Iterable[Paragraph]) -> dict[int, dict[str, Any]]:
    return {one.pk: {name: getattr(one, name) for name in KEPT} | {"reference": audit.reference(one)} for one in rows}


def _kept(  # noqa: PLR0913  (an event has that many parts)
    version: Version,
    verb: str,
    before: dict[int, dict[str, Any]],
    rows: list[Paragraph],
    *,
    by: Person,
    acting_for: Person | None,
    duties: dict[str, list[int]] | None = None,
) -> None:
    """Save the rows in this order and write one event that says how they stood before."""
    changed = [
        one for one in rows if one._state.adding or any(before[one.pk][name] != getattr(one, name) for name in KEPT)
    ]
    if not changed:
        raise ValidationError(_("Nothing would change."))
    new = [one for one in changed if one._state.adding]
    old = {one.pk for one in changed if not one._state.adding}
    for one in changed:
        one.clean_fields(
            exclude=["version", "parent", "proposal", "spans", *(["text"] if one.kind == Kind.ASIDE else [])]
        )
    restore = {
        str(pk): {name: before[pk][name] for name in KEPT if before[pk][name] != getattr(one, name)}
        for pk, one in ((one.pk, one) for one in changed if one.pk in old)
    }
    # Rows are saved before their version, whose count the database checks.
    made: list[int] = []
    facts: dict[str, Any] = {"restore": [None, restore], "made": [None, made]}
    if duties:
        facts["duties"] = [None, duties]
    audit.record(version, verb, by=by, acting_for=acting_for, facts=facts, also=_saving(changed, new, made))


def _saving(changed: list[Paragraph], new: list[Paragraph], made: list[int]) -> Iterable[Paragraph]:
    """The rows one after another; the keys of those that are new are told once they are saved."""
    yield from changed
    made += [one.pk for one in new]


def _move(duty: Obligation, to: Paragraph, number: int, *, by: Person, acting_for: Person | None) -> None:
    """Hang a duty on another item; it is to be confirmed anew."""
    duty.paragraph, duty.number, duty.confirmed, duty.confirmed_by = to, number, False, None
    audit.record(duty, "obligation.changed", by=by, acting_for=acting_for)


def _renamed(
    before: dict[int, dict[str, Any]], rows: list[Paragraph], *, by: Person, acting_for: Person | None
) -> None:
    """Duties are called after their item: the record says when one has another name."""
    for one in rows:
        if before[one.pk]["path"] == one.path:
            continue
        for duty in Obligation.objects.filter(paragraph=one).select_related("resolution__body", "paragraph"):
            old = duty.reference.replace(f"-{one.path}", f"-{before[one.pk]['path']}")
            facts = {"reference": [old, duty.reference]}
            audit.record(duty, "obligation.changed", by=by, acting_for=acting_for, facts=facts)


def _new(  # noqa: PLR0913
    version: Version, like: Paragraph | None, spans: list[list[int]], *, label: str, path: str, position: int
) -> Paragraph:
    return Paragraph(
        version=version,
        kind=Kind.OPERATIVE,
        position=position,
        path=path.strip(),
        label=label.strip(),
        parent=like.parent if like else None,
        heading=like.heading if like else "",
        section=like.section if like else "",
        spans=spans,
    )


def _worded(version: Version, rows: Iterable[Paragraph]) -> None:
    """The words of each are those at its places."""
    for one in rows:
        passage = Passage(version.text, _pieces(version, one.spans))
        one.text = passage.text


def _pieces(version: Version, spans: list[list[int]]) -> list[tuple[int, int]]:
    """Places as pieces: each but the last takes the white space behind it along, so that words stay apart."""
    pieces = []
    for place, (start, end) in enumerate(spans):
        more = place + 1 < len(spans) and version.text[end : end + 1].isspace()
        pieces.append((start, end + 1 if more else end))
    return pieces


def _lists(spans: Iterable[tuple[int, int]]) -> list[list[int]]:
    return [[start, end] for start, end in spans]


def _aside(item: Paragraph) -> None:
    item.kind, item.path, item.parent = Kind.ASIDE, f"aside-{item.pk}", None


def _next_preambular(rows: Iterable[Paragraph]) -> str:
    taken = {one.path for one in rows if one.kind == Kind.PREAMBULAR}
    return next(f"p{number}" for number in range(1, len(taken) + 2) if f"p{number}" not in taken)


def _count(version: Version, rows: Iterable[Paragraph]) -> None:
    version.unaccounted = sum(one.kind == Kind.OPERATIVE and not one.disposition for one in rows)


def _free(rows: Iterable[Paragraph], path: str, *, besides: Paragraph | None = None) -> None:
    """Whether an item may have this path."""
    path = path.strip()
    if not _PATH.fullmatch(path):
        words = _("Give a path of letters, digits, dots and brackets, such as 1.2 or 1(b): it stands in addresses.")
        raise ValidationError({"path": words})
    if any(one.kind == Kind.OPERATIVE and one.path == path and one is not besides for one in rows):
        raise ValidationError({"path": _("Another item has this path already.")})


def _found_once(text: str, words: str, name: str) -> int:
    """Where the words begin, that stand in the text once."""
    quoted = " ".join(words.split())
    at = text.find(quoted)
    if at < 0:
        raise ValidationError({name: _("These words do not stand there: quote them as they are printed.")})
    if text.find(quoted, at + 1) >= 0:
        raise ValidationError({name: _("These words stand there more than once: quote more of them.")})
    return at


def _open(*items: Paragraph) -> None:
    """Whether no item is accounted for yet: nobody has disposed of the words that it would get or lose."""
    for item in items:
        if item.disposition:
            raise NotTheMoment(_("Item %(path)s is accounted for already: take that back first.") % {"path": item.path})


def _uncovered(item: Paragraph) -> None:
    if item.covers.exists():
        words = _("Another item is covered by item %(path)s: take that back first.")
        raise NotTheMoment(words % {"path": item.path})


def _hangs(one: Paragraph, above: Paragraph) -> bool:
    seen = 0
    parent = one.parent
    while parent is not None and seen < 20:  # no text is nested as deep
        if parent.pk == above.pk:
            return True
        parent, seen = parent.parent, seen + 1
    return False


def _no_loop(item: Paragraph, parent: Paragraph) -> None:
    if parent.pk == item.pk or _hangs(parent, item):
        raise ValidationError({"parent": _("An item cannot hang below itself.")})
