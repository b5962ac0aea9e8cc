"""A paper as PDF, typeset by typst: tagged, PDF/UA-1 (ISO 14289-1).

The paper goes to the template as JSON and is set as text; nothing in it can become a command. Typst reads no network and no file
but the template.
"""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import translation
from django.utils.translation import gettext as _

from tracker.packs.paper import Block, Facts, Paper, Paragraph, Table, printable
from tracker.templatetags.resolves import day_in_words

TEMPLATE = Path(settings.BASE_DIR) / "templates" / "documents" / "pack.typ"
# The first that the machine has; typst brings the last one with it.
LATIN = ("Noto Sans", "DejaVu Sans", "Libertinus Serif")
SCRIPTS = {"ar": ("Noto Sans Arabic", "Noto Naskh Arabic", "Noto Kufi Arabic"), "zh-hans": ("Noto Sans CJK SC",)}
SIGNS = ("Noto Sans Symbols2", "Noto Sans Symbols", "Noto Sans Math", "DejaVu Sans", "Noto Sans CJK SC")
CODE = ("DejaVu Sans Mono",)
GLYPHS = "▲◌⊘○…‖◐◕✓●∅■▭"


@cache
def _families() -> frozenset[str]:
    return frozenset(typst.Fonts().families())


def fonts(language: str) -> list[str]:
    """The fonts of a language that this machine has, in the order of choice. ImproperlyConfigured where it can write Arabic
    or Chinese with none: it says which package brings one."""
    own = [one for one in SCRIPTS.get(language, ()) if one in _families()]
    if language in SCRIPTS and not own:
        package = "fonts-noto-cjk" if language == "zh-hans" else "fonts-noto-core"
        raise ImproperlyConfigured(
            _("This machine has no font for %(language)s: install the package %(package)s.")
            % {"language": translation.get_language_info(language)["name_local"], "package": package}
        )
    every = [*(one for one in LATIN if one in _families()), *own, *(one for one in SIGNS if one in _families())]
    # What a text of the record holds may be in any script, whatever the language of the paper.
    every += [one for names in SCRIPTS.values() for one in names if one in _families()]
    return list(dict.fromkeys(every)) or ["Libertinus Serif"]


def pdf_file(paper: Paper) -> bytes:
    """The paper as a PDF file; PDF/UA-1 where the fonts of this machine have every letter of it."""
    template = TEMPLATE
    with translation.override(paper.language):
        data = _data(paper)
    given = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        made = typst.compile(str(template), sys_inputs=given, pdf_standards=["ua-1"], root=str(template.parent))
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        # The record holds a letter of which no font here has a picture. The file is tagged all the same; that it is
        # PDF/UA-1 it may not say.
        made = typst.compile(str(template), sys_inputs=given, root=str(template.parent))
    return bytes(made)


def _data(paper: Paper) -> dict[str, Any]:
    """The paper as the template takes it: texts alone."""
    signs = any(one in _families() for one in SIGNS[:4])
    return {
        "title": paper.title,
        "body": paper.body,
        "session": paper.session,
        "symbol": paper.symbol,
        "as_of": _("As of %(day)s") % {"day": day_in_words(paper.day)},
        "lang": {"zh-hans": "zh"}.get(paper.language, paper.language),
        "rtl": paper.right_to_left,
        "fonts": fonts(paper.language),
        "code_fonts": list(CODE),
        "words": {"page": _("page %(page)s of %(pages)s")},
        "facts": [list(row) for row in paper.facts.rows],
        "sections": [
            {
                "heading": part.heading,
                "wide": part.wide,
                "break_before": part.name in {"late", "annex"},
                "blocks": [_block(one, signs=signs) for one in part.blocks],
            }
            for part in paper.sections
        ],
    }


def _block(one: Block, *, signs: bool) -> dict[str, Any]:
    def plain(text: object) -> str:
        words = printable(text)
        return words if signs else words.translate({ord(sign): None for sign in GLYPHS}).strip()

    match one:
        case Paragraph():
            return {"kind": "text", "style": one.style, "text": plain(one.text)}
        case Facts():
            return {"kind": "facts", "rows": [[label, plain(value)] for label, value in one.rows]}
        case Table():
            return {
                "kind": "table",
                "name": one.name,
                "caption": one.caption,
                "header": list(one.header),
                "shares": list(one.shares),
                "numbers": _numbers(one.rows),
                "rows": [[plain(cell) for cell in row] for row in one.rows],
                "total": [plain(cell) for cell in one.total],
            }


def _numbers(rows: Iterable[tuple[object, ...]]) -> list[int]:
    """The columns that hold numbers alone."""
    columns = list(zip(*rows, strict=True))
    return [place for place, cells in enumerate(columns) if all(isinstance(cell, int) for cell in cells)]
