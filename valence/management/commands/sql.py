"""valence sql QUERY: ask the log a question in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from rich import table as tables

from valence.flows.find import questions
from valence.management import command

SHOWN = 50
MOST_ACROSS, SHOWN_DOWN = 9, 5  # more columns than fit a screen side by side are told one below the other


class Command(command.Command):
    """Answer a SQL question on everything that was admitted; nothing can be changed this way."""

    help = "Ask the log in SQL (DuckDB's): the table is named interactions, customers are surrogate keys."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("query", help='such as "select kind, count(*) from interactions group by 1"')

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        try:
            rows = questions.answer(query=options["query"])
        except questions.NotAQuestion as problem:
            raise command.WrongUse(str(problem)) from None
        return command.Outcome(answer={"rows": rows, "count": len(rows)}, words=_table(rows))


def _table(rows: list[dict[str, Any]]) -> tables.Table | str:
    if not rows:
        return "No rows."
    if len(rows[0]) > MOST_ACROSS:
        return _down(rows)
    shown = tables.Table(*rows[0], caption=f"{min(SHOWN, len(rows)):,} of {len(rows):,} rows")
    for row in rows[:SHOWN]:
        shown.add_row(*("" if value is None else str(value) for value in row.values()))
    return shown


def _down(rows: list[dict[str, Any]]) -> str:
    """Return the first rows with a line for each column that says something."""
    width = max(map(len, rows[0]))
    parts = [
        "\n".join(f"{name:<{width}}  {value}" for name, value in row.items() if value is not None)
        for row in rows[:SHOWN_DOWN]
    ]
    return "\n\n".join([*parts, f"{min(SHOWN_DOWN, len(rows)):,} of {len(rows):,} rows"])
