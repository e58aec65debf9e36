"""Tags of charts and of the tables behind them."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString

from valence.insights import say
from valence.web.charts.card import Chart, Table

register = template.Library()


@register.simple_tag
def options(chart: Chart, name: str) -> SafeString:
    """Write what the browser needs to draw a chart, beside it."""
    return json_script(chart.data, element_id=f"chart-{name}")


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


@register.filter
def numeric(place: int, table: Table) -> bool:
    """Say whether the column at a place holds numbers."""
    return table.columns[place].numeric


@register.filter
def value_of(fields: Mapping[str, str], name: str) -> str:
    """Return a field of a record, "" where it has none."""
    return fields.get(name, "")
