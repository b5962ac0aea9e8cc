"""The look keeps its promises: one direction-free stylesheet, twin colours that can be read, no inline styles or scripts,
and one way to say a day."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import get_template
from django.test import RequestFactory
from django.utils import translation

ROOT = Path(__file__).resolve().parent.parent
CSS = re.sub(r"/\*.*?\*/", "", (ROOT / "tracker/static/tracker/app.css").read_text(), flags=re.DOTALL)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if not {"emails", "documents"} & set(path.parts)]  # mails know no policy
TODAY = date(2018, 2, 16)


# ── direction ──────────────────────────────────────────────────────────────────────────────────────────────────────────


PHYSICAL = re.compile(
    r"""(?:^|[;{\s])(
        (?:min-|max-)?(?:width|height) | left | right | top | bottom
      | (?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right|top|bottom)[a-z-]*
      | border-(?:top|bottom)-(?:left|right)-radius | overflow-[xy]
    )\s*:""",
    re.VERBOSE,
)
PHYSICAL_VALUE = re.compile(r"(?:text-align|float|clear|resize)\s*:\s*(?:left|right|horizontal|vertical)")
FOUR_SIDES = re.compile(
    r"(?:^|[;{\s])(?:margin|padding|inset|border-width)\s*:\s*((?:[^\s;}()]+|[a-z]+\([^;}]*\))(?:\s+[^;}]+)?)[;}]"
)


def test_stylesheet_has_no_physical_direction() -> None:
    declarations = re.sub(r"@(?:media|page)[^{]*", "", CSS)

    assert PHYSICAL.findall(declarations) == []
    assert PHYSICAL_VALUE.findall(declarations) == []


def test_stylesheet_never_sets_two_sides_of_a_line_apart_in_a_shorthand() -> None:
    """`margin: 1px 2px 3px 4px` is physical when its second and fourth values differ."""
    for value in FOUR_SIDES.findall(CSS):
        sides = re.sub(r"\([^)]*\)", "()", value).split()
        assert len(sides) < 4 or sides[1] == sides[3], value


def test_physical_patterns_find_what_they_look_for() -> None:
    for wrong in ("a{margin-left: 1px}", "a{ width: 2rem }", "a{color: red; top:0}", "a{overflow-x: auto}"):
        assert PHYSICAL.search(wrong), wrong
    for right in (
        "a{line-height: 1}",
        "a{stroke-width: 2px}",
        "a{border-inline-start-width: 1px}",
        "a{inline-size: 1px}",
    ):
        assert not PHYSICAL.search(right), right
    assert PHYSICAL_VALUE.search("a{text-align: left}")


# ── colour ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6})", block))


LIGHT = colours(CSS.split("@media")[0])
DARK = colours(re.search(r"@media screen and \(prefers-color-scheme: dark\) \{(.*?)\n\}", CSS, re.DOTALL)[1])  # type: ignore[index]
TONES = ["good", "due", "late", "wait", "none"]
TEXT_ON_GROUND = (
    [(text, ground) for text in ["ink", "quiet", "accent", *TONES] for ground in ["paper", "sheet", "shade"]]
    + [(tone, f"{tone}-soft") for tone in TONES]
    + [
        ("accent", "accent-soft"),
        ("ink", "accent-soft"),
        ("quiet", "accent-soft"),
        ("ink", "due-soft"),
        ("accent-ink", "accent"),
        ("paper", "ink"),
    ]
)


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_every_colour_has_a_dark_twin() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert all(LIGHT[name] != DARK[name] for name in LIGHT)


def test_colours_are_named_once_and_nowhere_else() -> None:
    rules = CSS[CSS.index("*, ::before") : CSS.index("@page")]

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", rules) == []


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_can_be_read(theme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "sheet", "shade"])
def test_edges_of_controls_can_be_seen(theme: dict[str, str], ground: str) -> None:
    assert contrast(theme["edge"], theme[ground]) >= 3


def test_every_named_property_is_defined() -> None:
    used = set(re.findall(r"var\(--([a-z-]+)", CSS))
    defined = set(re.findall(r"--([a-z-]+):", CSS))

    assert used <= defined


# ── templates ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_has_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    assert "javascript:" not in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))


def test_page_of_a_server_error_needs_no_context() -> None:
    page = get_template("500.html").render()

    assert "<!doctype html>" in page
    assert "app.css" in page


# ── days and moments ───────────────────────────────────────────────────────────────────────────────────────────────────


def render(source: str, language: str = "en", **context: object) -> str:
    with translation.override(language):
        return Template("{% load resolves %}" + source).render(Context(context)).strip()


def words(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(
    ("value", "precision", "language", "said", "machine"),
    [
        (date(2018, 3, 18), "day", "en", "18 March 2018", "2018-03-18"),
        (date(2018, 3, 1), "month", "en", "March 2018", "2018-03"),
        (date(2018, 1, 1), "year", "en", "2018", "2018"),
        (date(2018, 3, 18), "day", "fr", "18 mars 2018", "2018-03-18"),
        (date(2018, 3, 18), "day", "es", "18 de marzo de 2018", "2018-03-18"),
        (date(2018, 3, 18), "day", "ru", "18 марта 2018 г.", "2018-03-18"),
        (date(2018, 3, 18), "day", "zh-hans", "2018年3月18日", "2018-03-18"),
        (date(2018, 3, 1), "month", "zh-hans", "2018年3月", "2018-03"),
        (date(2018, 3, 18), "day", "ar", "18 مارس 2018", "2018-03-18"),
        ("2018-03-18", "day", "en", "18 March 2018", "2018-03-18"),
        ("2018-03", "day", "en", "March 2018", "2018-03"),
        ("2018", "day", "en", "2018", "2018"),
    ],
)
def test_day_is_said_in_words_as_far_as_it_is_known(
    value: object, precision: str, language: str, said: str, machine: str
) -> None:
    html = render("{% day value precision %}", language, value=value, precision=precision)

    assert html == f'<time datetime="{machine}">{said}</time>'


@pytest.mark.parametrize(
    ("value", "precision"),
    [(None, "day"), (date(2018, 1, 1), "unknown"), ("", "day"), ("soon", "day"), ("2018-13-01", "day")],
)
def test_day_that_is_not_known_is_not_recorded(value: object, precision: str) -> None:
    assert words(render("{% day value precision %}", value=value, precision=precision)) == "not recorded"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (date(2018, 3, 18), "18 March 2018, in 30 days"),
        (date(2018, 2, 17), "17 February 2018, in 1 day"),
        (date(2018, 2, 16), "16 February 2018, today"),
        (date(2018, 2, 15), "15 February 2018, 1 day ago"),
        (date(2018, 1, 22), "22 January 2018, 25 days ago"),
    ],
)
def test_day_tells_its_distance_in_whole_days(value: date, said: str) -> None:
    assert words(render("{% day value relative=today %}", value=value, today=TODAY)) == said


@pytest.mark.parametrize("precision", ["month", "year"])
def test_day_known_in_part_tells_no_distance(precision: str) -> None:
    assert "ago" not in render(
        "{% day value precision relative=today %}", value=date(2017, 1, 1), precision=precision, today=TODAY
    )


def test_day_refuses_a_moment() -> None:
    with pytest.raises(TypeError, match="moment"):
        render("{% day value %}", value=datetime(2018, 2, 16, tzinfo=UTC))


def test_moment_is_said_in_its_zone() -> None:
    late = datetime(2018, 2, 16, 23, 30, tzinfo=UTC)

    assert words(render('{% moment value "Europe/Zurich" %}', value=late)) == "17 February 2018, 00:30 CET"
    assert words(render("{% moment value %}", value=late)) == "16 February 2018, 23:30 UTC"
    assert words(render('{% moment value "Europe/Zurich" only="time" %}', value=late)) == "00:30"
    assert 'datetime="2018-02-17T00:30:00+01:00"' in render('{% moment value "Europe/Zurich" %}', value=late)


# ── marks, links, bars ─────────────────────────────────────────────────────────────────────────────────────────────────


MARK = {"glyph": "▲", "word": "late", "tone": "late", "text": "late 25 days", "proposed": False}


def test_mark_is_glyph_and_words_and_tint() -> None:
    html = render('{% mark mark href="/x/" %}', mark=MARK)

    assert 'class="mark late"' in html
    assert words(html).strip() == "▲late 25 days"
    assert 'aria-hidden="true">▲' in html


def test_mark_that_is_proposed_says_so_in_words_too() -> None:
    html = render("{% mark mark %}", mark=MARK | {"proposed": True})

    assert "proposed, not confirmed" in words(html)
    assert 'class="mark late proposed"' in html


def test_query_keeps_other_parameters_and_starts_at_the_first_page() -> None:
    request = RequestFactory().get("/?status=late&page=4&q=a%26b")

    assert render('{% query session="C18" %}', request=request) == "?status=late&amp;q=a%26b&amp;session=C18"
    assert render("{% query status=None page=2 %}", request=request) == "?page=2&amp;q=a%26b"


def test_stacked_bar_shows_every_number_as_a_link_and_mirrors_in_arabic() -> None:
    parts = [(MARK, 1, "/late/"), (MARK | {"word": "received", "tone": "good"}, 3, "/received/"), (MARK, 0, "/none/")]

    html = render("{% stacked parts %}", parts=parts)
    mirrored = render("{% stacked parts %}", "ar", parts=parts)

    assert 'x="0.000%" y="0" width="25.000%"' in html
    assert 'x="75.000%" y="0" width="25.000%"' in mirrored
    assert [html.count(f'href="{to}"') for to in ("/late/", "/received/", "/none/")] == [2, 2, 1]


def test_pagination_keeps_filters() -> None:
    request = RequestFactory().get("/?status=late")
    page = Paginator(range(400), 10).page(8)

    html = render('{% include "components/_pagination.html" %}', request=request, page_obj=page)

    assert 'href="?status=late&amp;page=9"' in html
    assert 'aria-current="page"' in html
