"""valence sql QUERY: ask the log a question in SQL."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from ibis.expr.types import Table
from rich import table as tables

from valence import interactions
from valence.management import command

SHOWN = 50
BEGINNINGS = ("select", "with", "from")


class Command(command.Command):
    """Answer a SQL question on everything that was admitted; nothing can be changed this way."""

    help = "Ask the log in SQL (DuckDB's): the table is named interactions, customers are surrogate keys."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "query", type=_question, help='such as "select kind, count(*) from interactions group by 1"'
        )

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        query: str = options["query"]
        try:
            rows = interactions.ask(question=lambda log: _asked(log, query))
        except interactions.StoreUnavailable:
            raise
        except Exception as problem:
            raise command.WrongUse(f"The query cannot be answered: {str(problem).splitlines()[0]}") from None
        return command.Outcome(answer={"rows": rows, "count": len(rows)}, words=_table(rows))


def _question(text: str) -> str:
    if not text.lstrip().lower().startswith(BEGINNINGS):
        raise argparse.ArgumentTypeError("only questions are answered: begin with SELECT, WITH or FROM")
    return text.strip().rstrip(";")


def _asked(log: Table, query: str) -> Table:
    return log.alias("interactions").sql(query)


def _table(rows: list[dict[str, Any]]) -> tables.Table | str:
    if not rows:
        return "No rows."
    shown = tables.Table(*rows[0], caption=f"{min(SHOWN, len(rows)):,} of {len(rows):,} rows")
    for row in rows[:SHOWN]:
        shown.add_row(*("" if value is None else str(value) for value in row.values()))
    return shown
