"""valence simulate: write a made-up operator's contract files and, apart from them, the truth."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from valence import terms
from valence.demo import simulator, world, writer
from valence.demo.tricks import files, planting
from valence.management import command

MOST_CUSTOMERS, MOST_MONTHS = 5_000_000, 120
LEAST_MONTHS = 3
HONEST_TEAMS = (16, 8)


class Command(command.Command):
    """Simulate a telecom operator with known truth."""

    help = "Write a made-up operator's customers and interactions to a folder, and the truth about them beside."
    opens_home = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=20_000)
        parser.add_argument("--months", type=int, default=24)
        parser.add_argument("--seed", type=int, default=1, help="the same seed writes the same files")
        parser.add_argument("--law", choices=[law.value for law in world.Law], default=world.Law.ADDITIVE.value)
        parser.add_argument("--end", type=_day, default=date(2026, 1, 1), help="the day the files end before")
        parser.add_argument("--files", choices=writer.FORMATS, default="csv", help="how the files are written")
        parser.add_argument("--out", type=Path, required=True, help="a folder; the truth goes to its folder truth")

        parser.add_argument(
            "--tricks", nargs="+", type=_trick, metavar="TRICK=SHARE",
            help="teams whose scores are gamed instead of customers' journeys: one team for each trick named, with the "
            f"share of its answers that is touched, beside honest teams. Tricks: {', '.join(planting.ALL)}",
        )  # fmt: skip

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        _check(options=options)
        if options["tricks"]:
            return self._teams(options)
        with self.bar() as report:
            made = simulator.simulate(
                customers=options["customers"],
                months=options["months"],
                seed=options["seed"],
                law=world.Law(options["law"]),
                end=terms.days(datetime.combine(options["end"], time(), tzinfo=UTC)),
                out=options["out"],
                files=options["files"],
                report=report,
            )
        answer = {
            "customers": made.customers, "interactions": made.interactions, "left_voluntary": made.lost,
            "left_involuntary": made.removed, "out": str(options["out"]), "truth": str(options["out"] / writer.TRUTH),
        }  # fmt: skip
        words = (
            f"{made.customers:,} customers with {made.interactions:,} interactions; {made.lost:,} left by choice, "
            f"{made.removed:,} did not choose to.\nWritten to {options['out']}; the truth lies in {answer['truth']}."
        )
        return command.Outcome(answer=answer, words=words)

    def _teams(self, options: Mapping[str, Any]) -> command.Outcome:
        with self.bar() as report:
            made = files.write(
                seed=options["seed"], tricks=options["tricks"], honest=HONEST_TEAMS, out=options["out"], report=report,
                end=terms.days(datetime.combine(options["end"], time(), tzinfo=UTC)),
            )  # fmt: skip
        truth = options["out"] / writer.TRUTH
        answer = {"teams": made.teams, "encounters": made.encounters, "answers": made.answers,
                  "out": str(options["out"]), "truth": str(truth)}  # fmt: skip
        words = (
            f"{made.teams} teams with {made.encounters:,} encounters and {made.answers:,} answers.\n"
            f"Written to {options['out']}; the truth lies in {truth}."
        )
        return command.Outcome(answer=answer, words=words)


def _trick(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        touched = float(share or 1 / 3)
    except ValueError:
        touched = 0.0
    if name not in planting.ALL or not 0.01 <= touched <= 0.9:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a trick with its share, like begging=0.33; tricks: {', '.join(planting.ALL)}"
        )
    return name, touched


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a day; write it like 2026-01-31") from None


def _check(*, options: Mapping[str, Any]) -> None:
    """Raise WrongUse for what cannot be simulated."""
    if not 1 <= options["customers"] <= MOST_CUSTOMERS:
        raise command.WrongUse(f"--customers must be between 1 and {MOST_CUSTOMERS}")
    if not LEAST_MONTHS <= options["months"] <= MOST_MONTHS:
        raise command.WrongUse(f"--months must be between {LEAST_MONTHS} and {MOST_MONTHS}")
    if options["seed"] < 0:
        raise command.WrongUse("--seed must not be negative")
    if options["out"].exists() and not options["out"].is_dir():
        raise command.WrongUse(f"{options['out']} is not a folder")
