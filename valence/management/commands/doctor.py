"""`valence doctor`: look the installation over, and mend what can be mended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from rich.table import Table

from valence.flows.run import doctor
from valence.management import command

COLOURS = {doctor.Health.GOOD: "green", doctor.Health.WARNING: "yellow", doctor.Health.BAD: "red"}


class Command(command.Command):
    """Exit code 0: all is well or only warned of; 1: something is bad."""

    help = "Check disk, clock, memory, database and log, and whether all that was admitted is stored once."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--repair", action="store_true", help="mend what can be mended without losing anything")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        findings = doctor.examine(home=settings.HOME, now=now, mend=options["repair"])
        bad = any(finding.health is doctor.Health.BAD for finding in findings)
        answer = {
            "healthy": not bad,
            "findings": [
                {"check": finding.check, "health": finding.health, "words": finding.words} for finding in findings
            ],
        }
        return command.Outcome(answer=answer, words=_table(findings), refused=bad)


def _table(findings: tuple[doctor.Finding, ...]) -> Table:
    table = Table(box=None)
    for heading in ("check", "health", "found"):
        table.add_column(heading)
    for finding in findings:
        colour = COLOURS[finding.health]
        table.add_row(finding.check, f"[{colour}]{finding.health}[/{colour}]", finding.words)
    return table
