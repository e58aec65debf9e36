"""valence evaluate scores: how often the likely range of a figure holds the truth, at 5, 20, 100 and 1,000 answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group
from rich.table import Table

from valence.insights import coverage, scores
from valence.management import command

SUBJECT = "scores"
HELP = "how often the likely range of a score holds the truth, averaged over a stated set of true distributions"
TIMES, MOST_TIMES = 400, 100_000


def add_options(*, parser: CommandParser) -> None:
    """Add the arguments of this subject."""
    parser.add_argument("--times", type=int, default=TIMES, metavar="N", help="samples of each truth (default: 400)")
    parser.add_argument("--seed", type=int, default=1, metavar="SEED")


def act(*, options: Mapping[str, Any], now: datetime, evaluation: command.Command) -> command.Outcome:
    """Simulate, and count how often the truth lay in the range."""
    if not 100 <= options["times"] <= MOST_TIMES or options["seed"] < 0:
        raise command.WrongUse(f"--times must be from 100 to {MOST_TIMES}, --seed 0 or more")
    found = list(coverage.simulated(times=options["times"], seed=options["seed"]))
    answer = {
        "times": options["times"],
        "truths": len(coverage.truths(scale=next(iter(scores.SCALES.values())))),
        "within": [coverage.NARROWEST, coverage.WIDEST],
        "figures": [{**asdict(one), "holds": one.holds} for one in found],
    }
    return command.Outcome(answer=answer, words=_words(found, answer))


def _words(found: Sequence[coverage.Coverage], answer: Mapping[str, Any]) -> Group:
    table = Table(box=None)
    for heading in ("scale", "figure", "answers", "average", "worst", "worst truth"):
        table.add_column(heading)
    for one in found:
        mark = "" if one.holds else "  outside"
        average = f"{one.average:.3f}{mark}"
        table.add_row(one.scale, one.measure, f"{one.number:,}", average, f"{one.worst:.3f}", one.worst_truth)
    head = f"{answer['truths']} true distributions, {answer['times']:,} samples of each; a range of 95 % promises .95."
    return Group(head, table)
