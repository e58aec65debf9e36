"""How commands say figures to people: short tables, one thing a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from valence.bond import checking
from valence.ledger.queries import versions

HORIZONS = (30, 60, 90)


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
    """Say what a model learned from, how well it ranked on months it had not seen, and whether its chances hold."""
    title = f"Model {card.version}: knows until {card.known_until:%Y-%m-%d %H:%M} UTC, pack {card.pack}"
    learned = _learned_from(card.figures)
    found = [(days, card.figures[f"{days}d"]) for days in HORIZONS if f"{days}d" in card.figures]
    if not found:
        words = "Too little is known yet to test it on held-out months; it leans on the pack's experts."
        return f"{title}\n{learned}\n{words}"
    headings = ("Leaving within", "AUC", "likely from", "to", "left", "looks at customers")
    tested = f"Tested on months it had not seen, since {str(card.figures.get('held_out_from', ''))[:10]}"
    rows = table(headings=headings, rows=[_held_out(days, each) for days, each in found], title=tested)
    held = "\n".join(checking.words(figures=card.figures, days=days) for days, _ in found)
    return Group(f"{title}\n{learned}", rows, held)


def _learned_from(figures: Mapping[str, Any]) -> str:
    """Say from whom and what a model learned: `customers` and `interactions` are missing in cards of old."""
    known = [(figures.get(name), name) for name in ("customers", "interactions")]
    everything = " and ".join(f"{count:,} {name}" for count, name in known if count is not None) or "what is known"
    left = f"{figures.get('losses', 0):,} customers who left by choice"
    beside = figures.get("base_moments")
    days = f", held against {beside:,} days of customers at random" if beside else ""
    return f"Learned from {everything}: {left}{days}."


def _held_out(days: int, figures: Mapping[str, Any]) -> tuple[object, ...]:
    told = [figures.get(name) for name in ("auc", "low", "high", "events", "customers")]
    return (f"{days} days", *told)
