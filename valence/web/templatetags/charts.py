"""Tags of charts and of the tables behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from valence.insights import say
from valence.web.charts.card import Cell, Chart, Table

register = template.Library()
# What would end the script element, or begin another one, is written as JSON may write it.
ESCAPED = (("&", "\\u0026"), ("<", "\\u003C"), (">", "\\u003E"))


@register.simple_tag
def options(chart: Chart, name: str) -> SafeString:
    """Write what the browser needs to draw a chart, beside it: as Django's `json_script`, in a tenth of the time."""
    said = msgspec.json.encode(chart.data).decode()
    for sign, written in ESCAPED:
        said = said.replace(sign, written)
    return format_html(
        '<script id="{}" type="application/json">{}</script>',
        f"chart-{name}",
        mark_safe(said),
    )


@register.simple_tag
def counted(number: int, low: float, high: float, scale: float) -> SafeString:
    """Draw a count as a dot on the pale bar of its likely range, from 0 to `scale`."""
    middle, start, wide = (f"{96 * one / max(scale, 1):.1f}%" for one in (number, low, high - low))
    label = f"{say.count(number)}, likely {say.spread(low, high)}"
    return format_html(
        '<svg class="ib" role="img" aria-label="{}"><line x1="0" x2="100%" y1="7" y2="7"/>'
        '<rect class="ib-range" x="{}" width="{}" y="3" height="8" rx="4"/><circle cx="{}" cy="7" r="4.5"/></svg>',
        label,
        start,
        wide,
        middle,
    )


@register.simple_tag
def behind(table: Table) -> SafeString:
    """Write the table behind a chart. It can have hundreds of rows, so it is written without a template."""
    right = [column.numeric for column in table.columns]
    heads = format_html_join(
        "", '<th scope="col"{}>{}</th>', ((_right(one.numeric), one.name) for one in table.columns)
    )
    rows = format_html_join("", "<tr>{}</tr>", ((_row(row, right),) for row in table.rows))
    foot = format_html("<tfoot><tr>{}</tr></tfoot>", _row(table.foot, right)) if table.foot else ""
    return format_html(
        '<div class="tw" tabindex="0" role="region" aria-label="{}"><table><thead><tr>{}</tr></thead><tbody>{}</tbody>'
        "{}</table></div>",
        table.name,
        heads,
        rows,
        foot,
    )


def _right(numeric: bool) -> SafeString:
    return mark_safe(' class="r"' if numeric else "")


def _row(cells: Sequence[Cell], right: Sequence[bool]) -> SafeString:
    first = format_html('<th scope="row">{}</th>', _inside(cells[0]))
    names = (
        " ".join(name for name, on in (("r", numeric), ("t3", cell.quiet)) if on)
        for cell, numeric in _rest(cells, right)
    )
    rest = ((name, _inside(cell)) for name, (cell, _) in zip(names, _rest(cells, right), strict=True))
    return format_html("{}{}", first, format_html_join("", '<td class="{}">{}</td>', rest))


def _rest(cells: Sequence[Cell], right: Sequence[bool]) -> list[tuple[Cell, bool]]:
    return list(zip(cells, right, strict=True))[1:]


def _inside(cell: Cell) -> SafeString | str:
    if not cell.href:
        return cell.text
    if cell.count is not None:
        return format_html('<a class="who" href="{}" data-count="{}">{}</a>', cell.href, cell.count, cell.text)
    return format_html('<a class="who" href="{}">{}</a>', cell.href, cell.text)


@register.simple_tag
def cell(shown: Cell) -> SafeString | str:
    """Write one figure outside of such a table: where it opens rows, it says how many."""
    return _inside(shown)


@register.filter
def value_of(fields: Mapping[str, str], name: str) -> str:
    """Return a field of a record, "" where it has none."""
    return fields.get(name, "")
