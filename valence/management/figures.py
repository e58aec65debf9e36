"""How commands say figures to people: short tables, one thing a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import RenderableType
from rich.table import Table

from valence.ledger.queries import versions


def table(*, headings: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> RenderableType:
    """Return a table for a terminal; numbers to the right."""
    made = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", title_style="bold")
    lines = [list(row) for row in rows]
    for place, heading in enumerate(headings):
        numbers = bool(lines) and all(isinstance(line[place], int | float) for line in lines)
        made.add_column(heading, justify="right" if numbers else "left", overflow="fold")
    for line in lines:
        made.add_row(*(said(each) for each in line))
    return made


def said(value: object) -> str:
    """Say one value: fractions with three digits, whole numbers with commas, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def model_words(*, card: versions.ModelCard) -> RenderableType:
    """Say what a model is and how well it did on months it had not seen."""
    title = f"Model {card.version}: knows until {card.known_until:%Y-%m-%d %H:%M} UTC, pack {card.pack}"
    found = [(days, card.figures[f"{days}d"]) for days in (30, 60, 90) if f"{days}d" in card.figures]
    if not found:
        return f"{title}\nToo little is known yet to test it on held-out months; it leans on the pack's experts."
    rows = [_held_out(days, each) for days, each in found]
    headings = ("Leaving within", "AUC", "likely from", "to", "who left", "customers")
    return table(headings=headings, rows=rows, title=title)


def _held_out(days: int, figures: Mapping[str, Any]) -> tuple[object, ...]:
    told = [figures.get(name) for name in ("auc", "low", "high", "events", "customers")]
    return (f"{days} days", *told)
