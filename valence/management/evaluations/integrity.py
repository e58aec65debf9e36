"""valence evaluate integrity: how well gaming is found where it was planted, and left alone where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group
from rich.table import Table

from valence.demo.tricks import evaluation as tricks
from valence.management import command

SUBJECT = "integrity"
HELP = "tricks planted on teams of made-up operators: false alarms, recall by trick, error of the corrected score"
SEEDS, MOST_SEEDS = 20, 1000


def add_options(*, parser: CommandParser) -> None:
    """Add the arguments of this subject."""
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help="so many operators (default: 20)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first operator's seed (default: 0)")


def act(*, options: Mapping[str, Any], now: datetime, evaluation: command.Command) -> command.Outcome:
    """Plant, look, compare with the truth."""
    if not 1 <= options["seeds"] <= MOST_SEEDS or options["first"] < 0:
        raise command.WrongUse(f"--seeds must be from 1 to {MOST_SEEDS}, --first 0 or more")
    seeds = range(options["first"], options["first"] + options["seeds"])
    with evaluation.bar() as report:
        figures = tricks.evaluate(seeds=seeds, size=tricks.Size(), report=report)
    return command.Outcome(answer=figures, words=_words(figures))


def _words(figures: Mapping[str, Any]) -> Group:
    """Return the figures as tables for people."""
    alarms = figures["false_alarms"]
    head = (
        f"{figures['seeds']} operators, {figures['teams']:,} teams. False alarms: excellent teams "
        f"{_said(alarms['excellent'])}, ordinary teams {_said(alarms['ordinary'])}."
    )
    return Group(
        head,
        _table("planned for", figures["planned"]),
        _table("not planned for", figures["stress"]),
        "Error of the corrected score: as a share of the raw score's, over a third and a tenth together.",
    )


def _table(title: str, tricks_of: Mapping[str, Any]) -> Table:
    table = Table(title, "found at a third", "found at a tenth", "error, corrected / raw")
    for trick, told in tricks_of.items():
        ratio = told["error"].get("ratio")
        table.add_row(
            trick.replace("_", " "),
            *(_said(told[share]["recall"]) for share in tricks.SHARES),
            f"{ratio['value']:.2f} ({ratio['low']:.2f} to {ratio['high']:.2f})" if ratio else "",
        )
    return table


def _said(share: Mapping[str, float]) -> str:
    return f"{share['value']:.1%} ({share['low']:.1%} to {share['high']:.1%} of {share['of']})"
