"""valence paths: ways through the company over the whole log."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.core.management.base import CommandParser
from rich import table as tables

from valence.flows.find import paths
from valence.management import command

SHOWN = 20


class Command(command.Command):
    """Say what comes right after what, which whole ways there are, or how many get how far."""

    help = "Ways through the company: what follows what; --variants: whole ways; --steps: how many get how far."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--by", choices=paths.BY, default="department", help="the column whose words are steps")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--variants", action="store_true", help="the commonest whole ways")
        which.add_argument("--steps", help="words in order, with commas between, such as order,bill,contact")
        which.add_argument("--repeats", action="store_true", help="contacts that come back to an earlier one")
        parser.add_argument("--within", type=float, help="at most so many days, for --steps and --repeats")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        if options["variants"]:
            return _variants(options["by"])
        if options["steps"]:
            return _steps(options["by"], options["steps"].split(","), options["within"])
        return _repeats(options["within"]) if options["repeats"] else _follows(options["by"])


def _follows(by: str) -> command.Outcome:
    found = sorted(paths.follows(by=by).pairs.items(), key=lambda item: -item[1])
    rows = [{"first": first, "then": then, "times": times} for (first, then), times in found]
    return command.Outcome(answer={"by": by, "follows": rows}, words=_table(rows))


def _variants(by: str) -> command.Outcome:
    number, ways = paths.variants(by=by, limit=SHOWN)
    rows = [{"way": " > ".join(way.words), "customers": way.customers} for way in ways]
    return command.Outcome(answer={"by": by, "different": number, "commonest": rows}, words=_table(rows))


def _steps(by: str, steps: list[str], within: float | None) -> command.Outcome:
    found = paths.reached(by=by, steps=steps, within_days=np.inf if within is None else within)
    rows = [{"step": step, "customers": number} for step, number in zip(steps, found, strict=True)]
    return command.Outcome(answer={"by": by, "reached": rows}, words=_table(rows))


def _repeats(within: float | None) -> command.Outcome:
    contacts, customers = paths.repeated(**({} if within is None else {"within_days": within}))
    words = f"{contacts:,} contacts of {customers:,} customers came back to an earlier one."
    return command.Outcome(answer={"contacts": contacts, "customers": customers}, words=words)


def _table(rows: list[dict[str, Any]]) -> tables.Table | str:
    if not rows:
        return "Nothing."
    shown = tables.Table(*rows[0])
    for row in rows[:SHOWN]:
        shown.add_row(*(f"{value:,}" if isinstance(value, int) else str(value) for value in row.values()))
    return shown
