"""valence evaluate act: promises, bills, places and workload on made-up operators whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group
from rich.table import Table

from valence import terms
from valence.management import command
from valence.management.acting import billed, load, made, placed, promised

SUBJECT = "act"
HELP = "promises, offers against bills, places and workload, on made-up operators: what is right, how soon, how often"
SEEDS, MOST_SEEDS = 20, 200
CUSTOMERS, MONTHS = 1_000, 15
PARTS = ("promises", "bills", "places", "workload")


def add_options(*, parser: CommandParser) -> None:
    """Add the arguments of this subject."""
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help="operators (default: 20)")
    parser.add_argument("--customers", type=int, default=CUSTOMERS, metavar="N", help="each (default: 1,000)")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), metavar="PART")


def act(*, options: Mapping[str, Any], now: datetime, evaluation: command.Command) -> command.Outcome:
    """Make up operators one after the other and measure each part."""
    if not 1 <= options["seeds"] <= MOST_SEEDS or not 200 <= options["customers"] <= 50_000:
        raise command.WrongUse(f"--seeds must be from 1 to {MOST_SEEDS}, --customers from 200 to 50,000")
    rows: dict[str, list[Mapping[str, float]]] = {part: [] for part in options["only"]}
    with evaluation.bar() as progress:
        for seed in range(1, options["seeds"] + 1):
            operator = made.operator(seed=seed, customers=options["customers"], months=MONTHS)
            for part, found in rows.items():
                found.append(_counted(part, operator, seed))
            progress(terms.Progress(done=seed, total=options["seeds"], words="operators"))
    answer = {"operators": options["seeds"], "customers": options["customers"]}
    answer |= {part: _figures(part, made.summed(found), options["seeds"]) for part, found in rows.items()}
    return command.Outcome(answer=answer, words=_words(answer))


def _counted(part: str, operator: made.Made, seed: int) -> Mapping[str, float]:
    if part == "promises":
        return promised.counts(operator=operator)
    if part == "bills":
        return billed.counts(operator=operator, seed=seed)
    if part == "places":
        return placed.counts(operator=operator, seed=seed)
    return load.counts(operator=operator)


def _figures(part: str, total: dict[str, float], operators: int) -> dict[str, float | None]:
    if part == "promises":
        return promised.figures(total=total)
    if part == "bills":
        return billed.figures(total=total)
    if part == "places":
        return placed.figures(total=total, operators=operators)
    return load.figures(total=total, operators=operators)


def _words(answer: Mapping[str, Any]) -> Group:
    table = Table(box=None, show_header=False)
    for part in PARTS:
        for name, value in answer.get(part, {}).items():
            table.add_row(part, name.replace("_", " "), "cannot say" if value is None else f"{value:,.3g}")
    return Group(f"{answer['operators']} made-up operators of {answer['customers']:,} customers.", table)
