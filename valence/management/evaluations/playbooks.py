"""valence evaluate playbooks: what learning which playbook works costs and wins, on truths that are made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group
from rich.table import Table

from valence.cases import simulated
from valence.management import command

SUBJECT = "playbooks"
HELP = "how trials of playbooks fare against always the same one, against the best one, and against who knows all"
RUNS, MOST_RUNS = 50, 10_000
COLUMNS = (
    ("in force", "recovered_in_force", "{:.1%}"),
    ("learning", "recovered_learning", "{:.1%}"),
    ("best fixed", "recovered_best_fixed", "{:.1%}"),
    ("who knows all", "recovered_oracle", "{:.1%}"),
    ("regret a 1,000", "regret_best_fixed_per_1000", "{:.1f}"),
    (f"lost over {simulated.ALLOWED:.0%}", "runs_lost_more_than_allowed", "{:.1%}"),
    ("took a worse one", "runs_that_took_a_worse_one", "{:.1%}"),
    ("ranges that held", "coverage_every_look", "{:.1%}"),
)


def add_options(*, parser: CommandParser) -> None:
    """Add the arguments of this subject."""
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help="runs in each world (default: 50)")
    parser.add_argument("--seed", type=int, default=1, metavar="SEED")


def act(*, options: Mapping[str, Any], now: datetime, evaluation: command.Command) -> command.Outcome:
    """Simulate trials in worlds whose truth is known."""
    if not 1 <= options["runs"] <= MOST_RUNS or options["seed"] < 0:
        raise command.WrongUse(f"--runs must be from 1 to {MOST_RUNS}, --seed 0 or more")
    with evaluation.bar() as progress:
        found = simulated.figures(runs=options["runs"], seed=options["seed"], progress=progress)
    return command.Outcome(answer=found, words=_words(found))


def _words(found: Mapping[str, Any]) -> Group:
    table = Table(box=None)
    for heading in ("world", *(name for name, _, _ in COLUMNS)):
        table.add_column(heading)
    for world, told in (*found["worlds"].items(), ("all", found)):
        table.add_row(world, *("" if told[name] is None else form.format(told[name]) for _, name, form in COLUMNS))
    head = f"{found['runs']:,} trials of two alternatives, {found['days']} days each; ends are known after "
    return Group(f"{head}{found['delay_days']:.0f} days.", table)
