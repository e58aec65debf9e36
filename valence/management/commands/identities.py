"""valence identities: how many ids name one customer, and a look for more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from valence.customers import identities as read
from valence.customers import link_queries
from valence.flows.gather import identities
from valence.management import command
from valence.terms import EVERYTHING


class Command(command.Command):
    """Look for ids that name one person."""

    help = "show: how links between ids stand; look: compare e-mails, phones, names, and suggest links."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["show", "look"], nargs="?", default="show")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        lines = []
        answer: dict[str, object] = {}
        if options["what"] == "look":
            with self.bar() as progress:
                found = identities.look(now=now, progress=progress)
            answer = {"compared": found.compared, "new": found.suggested, "joined": found.confirmed}
            lines.append(f"{found.compared:,} pairs compared: {found.suggested:,} new suggestions.")
        totals = link_queries.totals(scope=EVERYTHING)
        merged = read.merged()
        customers = len(set(merged.canonical.tolist()))
        lines.append(
            f"{customers:,} customers are known by {len(merged):,} ids. {totals.suggested:,} links wait for a person,"
            f" {totals.confirmed:,} are confirmed, {totals.refused:,} are not the same, {totals.undone:,} were undone."
        )
        answer |= {"links": asdict(totals), "customers": customers, "ids": len(merged)}
        return command.Outcome(answer=answer, words="\n".join(lines))
