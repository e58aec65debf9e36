"""valence score: work everything out as of one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from valence.flows.weigh import minds, score
from valence.management import command


class Command(command.Command):
    """Score everybody."""

    help = "Work out risks, losses and their causes as of one moment, from what was known then."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of",
            type=command.time_of,
            metavar="TIME",
            help="use only what was known then (default: the last known)",
        )

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        as_of = options["as_of"]
        if as_of and as_of > now:
            raise command.WrongUse("Nobody knows yet what will be known then: --as-of lies in the future.")
        try:
            with self.bar() as progress:
                found = score.score(now=now, as_of=as_of, progress=progress)
        except minds.NoModel:
            raise command.WrongUse("There is no model yet. First run: valence train") from None
        if found.warning:
            self.stderr.write(f"Warning: {found.warning}")
        return command.Outcome(answer=asdict(found), words=_words(found))


def _words(found: score.Score) -> str:
    return (
        f"As of {found.as_of:%Y-%m-%d %H:%M} UTC, model {found.model}:\n"
        f"{found.customers:,} customers, {found.likely_to_leave:,} of them likely to leave.\n"
        f"{found.losses:,} left by choice: {found.ours:,} ours, {found.not_ours:,} not ours, "
        f"{found.cannot_say:,} cannot be said."
    )
