"""Template tags of the pages: each draws one component, so that a thing looks alike wherever it stands."""

from __future__ import annotations

import functools
import hashlib
import math
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from valence import sums
from valence.insights import say, text_words
from valence.terms import LossVerdict
from valence.web import fresh, icons, parts
from valence.web.charts import card

register = template.Library()

BUILT = Path(__file__).parent.parent / "static" / "built"
FEWEST_PEOPLE = 5
_TRIANGLES = {
    "up": ("u", "strengthened", '<path d="M5 1 9.5 9H.5z"/>'),
    "down": ("d", "weakened", '<path d="M5 9 .5 1h9z"/>'),
    "signal": ("z", "signal only", '<circle cx="5" cy="5" r="3.6"/>'),
}
CORRECTIONS = (("negative", "n"), ("mixed", "m"), ("neutral", "u"), ("positive", "p"))
_VERDICTS = {
    LossVerdict.OURS: ("h", "flag", "Ours"),
    LossVerdict.NOT_OURS: ("", "", "Not ours"),
    LossVerdict.CANNOT_SAY: ("o", "", "Cannot say"),
}


@functools.cache
def _fingerprint(path: Path, changed_at: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


@register.simple_tag
def asset(name: str) -> str:
    """Return the address of a built file, which changes with its content."""
    path = Path(f"{BUILT}/{name}")  # pathlib does not take the safe strings of templates
    if not path.exists():
        return f"{settings.STATIC_URL}built/{name}"
    return f"{settings.STATIC_URL}built/{name}?v={_fingerprint(path, path.stat().st_mtime)}"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon; with a label it speaks, else it is left out for those who listen."""
    shape = mark_safe(icons.SHAPES[name])
    if label:
        return format_html('<svg class="ic" viewBox="0 0 16 16" role="img" aria-label="{}">{}</svg>', label, shape)
    return format_html('<svg class="ic" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', shape)


@register.simple_tag
def tri(direction: str, label: str = "") -> SafeString:
    """Draw the mark of an effect: "up" strengthened, "down" weakened, "signal" only a signal."""
    name, words, shape = _TRIANGLES[direction]
    return format_html(
        '<svg class="tri {}" viewBox="0 0 10 10" role="img" aria-label="{}">{}</svg>',
        name,
        label or words,
        mark_safe(shape),
    )


@register.simple_tag(takes_context=True)
def to(context: Mapping[str, Any], view_name: str, query: Mapping[str, object] | None = None, **names: object) -> str:
    """Return a page's address that keeps the chosen regions and days: `{% to "loss" key=row.key %}`."""
    return str(context["frame"].asked.to(view_name, query=query, **names))


@register.simple_tag(takes_context=True)
def here(context: Mapping[str, Any], **changes: object) -> str:
    """Return this page's address with parts of its query changed: `{% here sort="value" %}`."""
    return str(context["frame"].asked.here(**changes))


@register.simple_tag
def opened_with(*stored: object) -> SafeString:
    """Write what a form was filled from, as a mark: `fresh.hold` refuses to write over anything else."""
    return fresh.field(fresh.mark(*stored))


@register.simple_tag
def count(number: int, href: str, words: str = "") -> SafeString:
    """Write a number that opens the rows behind it; the page behind carries the same number as `data-total`."""
    return format_html('<a data-count="{}" href="{}">{}{}</a>', number, href, say.count(number), words and f" {words}")


@register.filter
def says(sentence: str) -> SafeString:
    """Write a sentence in which `**figures**` stand out."""
    halves = re.split(r"\*\*(.+?)\*\*", sentence)
    return mark_safe("".join(format_html("<b>{}</b>" if at % 2 else "{}", half) for at, half in enumerate(halves)))


@register.filter
def language(code: str) -> str:
    """Write a language by its name: `German` for `de`, also for `de-AT`."""
    return text_words.language(code.replace("_", "-").partition("-")[0].lower())


@register.filter
def number(value: float | None) -> str:
    """Write a whole number: `41,206`; a dash where unknown."""
    return say.UNKNOWN if value is None else say.count(value)


@register.filter
def money(value: float | None) -> str:
    """Write money without cents: `€64`."""
    return say.money(value)


@register.filter
def percent(value: float | None) -> str:
    """Write a share as a whole percentage: `26 %`."""
    return say.UNKNOWN if value is None else say.percent(value)


@register.filter
def signed(value: float) -> str:
    """Write a change with its sign: `−19`."""
    return say.signed(value)


@register.filter
def weight(value: float) -> str:
    """Write a weight on the log-hazard as times: `×1.5`, `÷1.2`."""
    return say.times(math.exp(value))


@register.simple_tag
def span(low: float, high: float) -> str:
    """Write a likely range of shares: `19–35`."""
    return say.percents(low, high)


@register.simple_tag(takes_context=True)
def day(context: Mapping[str, Any], at: datetime | None) -> SafeString | str:
    """Write a day, its full stamp in the title: `19 May`."""
    if at is None:
        return say.UNKNOWN
    return _stamp(at, say.date(at, now=context["frame"].asked.now))


@register.filter
def dialled(phone: str) -> str:
    """Write a phone number as a link dials it: digits, and a plus in front."""
    return "".join(sign for at, sign in enumerate(phone.strip()) if sign.isdecimal() or (sign == "+" and at == 0))


@register.simple_tag(takes_context=True)
def ago(context: Mapping[str, Any], at: datetime | None) -> SafeString | str:
    """Write how long ago, or how far away, something is: `4 d ago`."""
    if at is None:
        return say.UNKNOWN
    return _stamp(at, say.ago(at, now=context["frame"].asked.now))


@register.simple_tag(takes_context=True)
def sums_at(context: Mapping[str, Any]) -> SafeString | str:
    """Write when the oldest sum on the page was counted; nothing where all were counted for it."""
    at = sums.counted_at()
    if at is None:
        return ""
    minutes = max(1, round((context["frame"].asked.now - at).total_seconds() / 60))
    when = _stamp(at, f"{minutes} min ago")
    return format_html('<p class="xs t3">Sums over very many rows on this page were counted {}.</p>', when)


def _stamp(at: datetime, words: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), say.clock(at), words)


@register.simple_tag
def interval(
    value: float, low: float, high: float, reference: float | None = None, scale: float = 0.5, unit: str = "percent"
) -> SafeString:
    """Draw an estimate as a dot, its likely range as a pale bar, a reference as a tick, on 0..scale."""
    label = f"{round(value * 100)} {unit}, between {round(low * 100)} and {round(high * 100)}"
    middle, start, end = (f"{100 * min(max(one / scale, 0), 1):.1f}%" for one in (value, low, high))
    width = f"{100 * (min(high / scale, 1) - min(max(low / scale, 0), 1)):.1f}%"
    tick = ""
    if reference is not None:
        left = f"{100 * min(max(reference / scale, 0), 1):.1f}%"
        tick = format_html('<rect class="ib-ref" x="{}" y="1" width="2" height="12"/>', left)
    return format_html(
        '<svg class="ib" role="img" aria-label="{}"><line x1="0" x2="100%" y1="7" y2="7"/>'
        '<rect class="ib-range" x="{}" width="{}" y="3" height="8" rx="4" data-end="{}"/>{}'
        '<circle cx="{}" cy="7" r="4.5"/></svg>',
        label,
        start,
        width,
        end,
        tick,
        middle,
    )


@register.simple_tag
def effect(value: float, largest: float) -> SafeString:
    """Draw an effect from the zero line: to the left weakened, to the right strengthened, one scale for a list."""
    half = 50 * min(abs(value) / largest, 1) if largest else 0
    if value < 0:
        bar = format_html('<rect class="d" x="{}%" width="{}%" y="2" height="8" rx="2"/>', 50 - half, half)
    else:
        bar = format_html('<rect class="u" x="50%" width="{}%" y="2" height="8" rx="2"/>', half)
    return format_html('<svg class="eb" aria-hidden="true">{}<line x1="50%" x2="50%" y1="-1" y2="13"/></svg>', bar)


@register.simple_tag
def verdict(value: LossVerdict | str, words: str = "") -> SafeString:
    """Draw the badge of a verdict: Ours, Not ours, Cannot say; never a bare colour."""
    style, drawing, said = _VERDICTS[LossVerdict(value)]
    drawn = icon(drawing) if drawing else ""
    return format_html('<span class="badge {}">{}{}</span>', style, drawn, words or said)


@register.simple_tag
def spark(values: tuple[float, ...], low: float, high: float, words: str) -> SafeString:
    """Draw a small weekly line with the expected band and its last figure; the sentence beside it says the same."""
    top = max(*values, high, 1) * 1.12
    step = 142 / max(len(values) - 1, 1)
    ys = [56 - 50 * one / top for one in values]
    points = " ".join(f"{4 + step * at:.1f},{y:.1f}" for at, y in enumerate(ys))
    band_top, band_bottom = 56 - 50 * high / top, 56 - 50 * max(low, 0) / top
    figures = (band_top, max(band_bottom - band_top, 1), ys[-1], ys[-1] + 4)
    top_at, height, last, text_at = (f"{one:.1f}" for one in figures)
    return format_html(
        '<svg class="chart spark" viewBox="0 0 180 60" aria-hidden="true"><rect class="bd" x="4" width="142" '
        'y="{}" height="{}"/><line class="ax" x1="4" x2="146" y1="56" y2="56"/><polyline class="ln" points="{}"/>'
        '<circle class="dot" cx="146" cy="{}" r="3.5"/><text class="tx" x="154" y="{}">{}</text></svg>',
        top_at,
        height,
        points,
        last,
        text_at,
        words,
    )


@register.inclusion_tag("valence/parts/tile.html")
def tile(value: parts.Tile) -> dict[str, object]:
    """Draw a big number with what stands under it; the whole tile is a link."""
    return {"tile": value}


@register.inclusion_tag("valence/parts/state.html")
def state(value: parts.State) -> dict[str, object]:
    """Draw what is said instead of content: nothing yet, cannot say, failed."""
    return {"state": value}


@register.inclusion_tag("valence/parts/chips.html", takes_context=True)
def chips(
    context: Mapping[str, Any], given: tuple[parts.Chip, ...], choices: tuple[parts.Choices, ...] = ()
) -> dict[str, object]:
    """Draw the filters in force and what can be added; a change swaps `#content`."""
    return {"frame": context["frame"], "chips": given, "choices": choices}


@register.simple_tag
def tone(name: str) -> SafeString:
    """Draw the mark of a tone: a triangle down, one up, a circle for neither; words stand beside it."""
    style, _, shape = _TRIANGLES[{"positive": "up", "negative": "down"}.get(name, "signal")]
    return format_html('<svg class="tri {}" viewBox="0 0 10 10" aria-hidden="true">{}</svg>', style, mark_safe(shape))


@register.inclusion_tag("valence/parts/comment.html", takes_context=True)
def comment_row(context: Mapping[str, Any], row: object) -> dict[str, object]:
    """Draw a comment with its marked clauses, and the keys that put it right."""
    here = context["frame"].asked.request.get_full_path() if "frame" in context else context["here"]
    return {"row": row, "here": here, "tones": CORRECTIONS, "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("valence/parts/more.html")
def more(value: parts.More) -> dict[str, object]:
    """Draw how many rows are shown of how many, and the way to see more."""
    return {"more": value}


@register.inclusion_tag("valence/parts/sorter.html")
def sorter(value: parts.Sorter) -> dict[str, object]:
    """Draw the head of a column that sorts."""
    return {"sorter": value}


@register.simple_tag
def table_of(table: card.Table) -> SafeString:
    """Draw the table behind a chart: the first cell of a row is its header, numbers stand at the right."""
    heads = format_html_join("", '<th scope="col"{}>{}</th>', ((_right(one), one.name) for one in table.columns))
    rows = format_html_join("", "<tr>{}</tr>", ((_cells(table, row),) for row in table.rows))
    foot = format_html("<tfoot><tr>{}</tr></tfoot>", _cells(table, table.foot)) if table.foot else ""
    return format_html(
        '<div class="tw" tabindex="0" role="region" aria-label="{}"><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody>{}</table></div>",
        table.name,
        heads,
        rows,
        foot,
    )


def _right(column: card.Column) -> SafeString:
    return mark_safe(' class="r"' if column.numeric else "")


def _cells(table: card.Table, row: tuple[card.Cell, ...]) -> SafeString:
    drawn = [
        _cell(cell, column, is_head=not at) for at, (cell, column) in enumerate(zip(row, table.columns, strict=True))
    ]
    return mark_safe("".join(drawn))


def _cell(cell: card.Cell, column: card.Column, *, is_head: bool) -> SafeString:
    words: SafeString | str = cell.text
    if cell.href and cell.count is not None:
        words = format_html('<a data-count="{}" href="{}">{}</a>', cell.count, cell.href, cell.text)
    elif cell.href:
        words = format_html('<a class="who" href="{}">{}</a>', cell.href, cell.text)
    if is_head:
        return format_html('<th scope="row">{}</th>', words)
    style = " ".join(name for name, on in (("r", column.numeric), ("t3", cell.quiet)) if on)
    return format_html('<td class="{}">{}</td>', style, words)


@register.filter
def shown(value: object, people: int) -> object:
    """Return a figure, or a dash where it stands for fewer than five people."""
    return value if people >= FEWEST_PEOPLE else say.UNKNOWN


@register.filter
def or_dash(value: object) -> object:
    """Return a value, or a dash where it is empty."""
    return say.UNKNOWN if value in (None, "") else value
