"""What every page says in the same way: days, moments, marks, links that keep their filters, and the two drawings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.core.paginator import Page
from django.http import QueryDict
from django.template import Context, Library
from django.utils import formats, timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_bidi, gettext, ngettext, pgettext

from tracker.models.legible import NO_DAY, NO_MOMENT

register = Library()

# English here is that of the United Nations, day before month; other languages keep their own order.
_DAY = {"en": "j F Y"}
# A symbol no longer than this keeps on one line, on the smallest telephone too.
_SHORT_SYMBOL = 20
_LEAST_SHARE_WITH_A_NUMBER = 4.0


@register.simple_tag
def day(value: date | str | None, precision: str = "day", relative: date | None = None) -> SafeString:
    """A whole day in words, as far as it is known: "18 March 2018", "March 2018", "2018" or "not recorded".

    With `relative=today` the distance follows, where the day itself is known: "18 March 2018, in 30 days".
    """
    if isinstance(value, datetime):
        raise TypeError("{% day %} shows whole days; a moment has a zone: use {% moment %}.")
    if isinstance(value, str):
        value, precision = _read(value)
    if value is None or precision not in {"day", "month", "year"}:
        return format_html('<span class="quiet">{}</span>', gettext("not recorded"))
    if value == NO_DAY:
        return format_html('<span class="quiet">{}</span>', day_in_words(value))
    iso = value.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]
    shown = format_html('<time datetime="{}">{}</time>', iso, day_in_words(value, precision))
    if not relative or precision != "day":
        return shown
    away = format_html('<span class="relative">{}</span>', distance(value, relative))
    return format_html(gettext("{day}, {distance}"), day=shown, distance=away)


def day_in_words(value: date, precision: str = "day") -> str:
    """The same words without markup, for mails, titles and labels."""
    language = (get_language() or "en").split("-")[0]
    if value == NO_DAY:
        return gettext("cannot be read")
    if precision == "year":
        return f"{value.year}"
    if precision == "month":
        return formats.date_format(value, "YEAR_MONTH_FORMAT")
    return formats.date_format(value, _DAY.get(language, "DATE_FORMAT"))


def distance(value: date, today: date) -> str:
    """How far a day is from today, in whole days: "in 30 days", "today", "25 days ago"."""
    days = (value - today).days
    if days == 0:
        return gettext("today")
    if days > 0:
        return ngettext("in %(days)d day", "in %(days)d days", days) % {"days": days}
    return ngettext("%(days)d day ago", "%(days)d days ago", -days) % {"days": -days}


def _read(text: str) -> tuple[date | None, str]:
    """An ISO day, month or year, as the record keeps them ("2018-03-18", "2018-03", "2018")."""
    parts = text.strip().split("-")
    try:
        year, month, day = [*(int(part) for part in parts), 1, 1][:3]
        return date(year, month, day), ("year", "month", "day")[len(parts) - 1]
    except (ValueError, IndexError, OverflowError):
        return None, ""


@register.simple_tag
def moment(value: datetime | None, zone: str | tzinfo | None = None, *, only: str = "") -> SafeString:
    """A recorded moment in a zone: "16 February 2018, 10:00 CET"; `only="time"` leaves the day out."""
    if not value:
        return format_html('<span class="quiet">{}</span>', gettext("not recorded"))
    if timezone.is_naive(value):
        value = value.replace(tzinfo=UTC)
    if value == NO_MOMENT:
        return format_html('<span class="quiet">{}</span>', day_in_words(NO_DAY))
    local = value.astimezone(_zone(zone))
    clock = f"{local:%H:%M}"
    if only != "time":
        clock = gettext("%(day)s, %(time)s") % {"day": day_in_words(local.date()), "time": f"{clock} {local:%Z}"}
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), clock)


@register.simple_tag
def lately(value: datetime | None) -> SafeString:
    """A moment of real time, as checks and seals have: its time alone where it is today, else with its day."""
    if not value:
        return moment(value)
    today = timezone.localdate(value) == timezone.localdate()
    return moment(value, only="time" if today else "")


def _zone(zone: str | tzinfo | None) -> tzinfo:
    if isinstance(zone, tzinfo):
        return zone
    return ZoneInfo(zone) if zone else timezone.get_current_timezone()


@register.inclusion_tag("components/_mark.html")
def mark(
    mark: Any, *, href: str = "", short: bool = False, count: int | None = None, label: str = ""
) -> dict[str, Any]:
    """A mark as glyph, words and tint; `short` shows its word only, `count` adds a number, `label` is what is read out."""
    return {"mark": mark, "href": href, "short": short, "count": count, "label": label}


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The present query string with some parameters changed (None or "" removes one); a changed filter starts at page 1."""
    request = context.get("request")
    parameters = request.GET.copy() if request else QueryDict(mutable=True)
    if "page" not in changes:
        parameters.pop("page", None)
    for name, value in changes.items():
        if value is None or value == "":
            parameters.pop(name, None)
        elif isinstance(value, (list, tuple)):
            parameters.setlist(name, [str(part) for part in value])
        else:
            parameters[name] = str(value)
    return f"?{parameters.urlencode()}"


@register.filter
def elided(page: Page) -> Iterator[int | str]:
    """Page numbers with gaps: 1 2 … 7 8 9 … 40."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)


@register.simple_tag
def up_to(count: int, most: int | None = None) -> str:
    """A count; where counting stopped at so many, "more than 10,000"."""
    if not most or count <= most:
        return str(count)
    return gettext("more than %(most)s") % {"most": formats.number_format(most, use_l10n=True, force_grouping=True)}


@register.simple_tag
def comma() -> str:
    """What stands between the parts of a list, with its space: other scripts have commas of their own."""
    # Translators: a comma and its space, as they stand between the parts of a list.
    return pgettext("between the parts of a list", ", ")


@register.simple_tag
def joint(loop: dict[str, Any]) -> str:
    """What follows a part of a list in a sentence (`forloop`): a comma, "and" before the last one, nothing after it."""
    if loop["revcounter"] == 1:
        return ""
    # Translators: with its spaces, where the language sets any.
    return pgettext("between the last two of a list", " and ") if loop["revcounter"] == 2 else comma()


@register.filter
def listed(parts: Iterable[object]) -> SafeString:
    """The parts with a comma of the language between them."""
    return mark_safe(comma().join(conditional_escape(part if isinstance(part, str) else str(part)) for part in parts))  # noqa: S308


@register.filter
def isolated(words: object) -> SafeString | str:
    """Words of the record within a sentence, kept in the direction of their own script."""
    return format_html("<bdi>{}</bdi>", words) if words else ""


@register.filter
def address(mail: str) -> SafeString:
    """A mail address that breaks, where it has to, behind its @."""
    name, at, host = mail.rpartition("@")
    return format_html("{}{}<wbr>{}", name, at, host)


@register.filter
def as_symbol(symbol: object) -> SafeString:
    """The symbol of a text in the direction of its own script; a short one never breaks between word and number."""
    shown = '<bdi class="nowrap">{}</bdi>' if len(str(symbol)) <= _SHORT_SYMBOL else "<bdi>{}</bdi>"
    return format_html(shown, symbol)


@register.simple_tag
def lit(pieces: Iterable[tuple[str, bool]]) -> SafeString:
    """Words in pieces, those that were looked for marked."""
    drawn = (format_html("<mark>{}</mark>" if found else "{}", words) for words, found in pieces)
    return format_html("<bdi>{}</bdi>", mark_safe("".join(drawn)))  # noqa: S308


@dataclass(frozen=True)
class Part:
    """One part of the stacked bar, placed in percent of its length."""

    mark: Any
    count: int
    href: str
    x: str
    share: str
    middle: str
    numbered: bool


@register.inclusion_tag("components/_stacked.html")
def stacked(parts: Iterable[tuple[Any, int, str]], label: str = "", every: str = "") -> dict[str, Any]:
    """One bar from (mark, count, href) rows, and the same numbers as a table of links under it, with their sum (`every`:
    the address of its list). Nothing is rounded away: a part too thin for its number keeps its length, and its number
    stands in the table."""
    rows = list(parts)
    total = sum(count for _, count, _ in rows)
    right_to_left = get_language_bidi()
    drawn, start = [], 0.0
    for mark, count, href in rows:
        share = 100 * count / total if total else 0.0
        x = 100 - start - share if right_to_left else start
        if count:
            wide = share >= _LEAST_SHARE_WITH_A_NUMBER
            drawn.append(Part(mark, count, href, f"{x:.3f}%", f"{share:.3f}%", f"{x + share / 2:.3f}%", wide))
        start += share
    return {"drawn": drawn, "rows": rows, "total": total, "label": label, "all": every}
