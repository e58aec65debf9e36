"""valence silence --days N: who joined and who left, worked out from interactions alone."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from valence.flows.gather import silence
from valence.management import command
from valence.sources import files


class Command(command.Command):
    """Take customers who were silent for some days as gone; bring that in like a file."""

    help = "Say who joined (first interaction) and who left (silent for N days) where no table tells it."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, required=True, help="how long somebody must have been silent")
        parser.add_argument("--source", default="", help="count only the interactions of this source")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        if not 1 <= options["days"] <= 3650:
            raise command.WrongUse("--days must lie between 1 and 3650. Nothing was changed.")
        try:
            with self.bar() as progress:
                done = silence.bring(
                    days=options["days"], by=getpass.getuser(), now=now, source=options["source"], progress=progress
                )
        except files.WrongFile as wrong:
            raise command.WrongUse(f"{wrong} Nothing was changed.") from None
        answer = {"import": done.number, "created": done.created, "revised": done.revised, "refused": done.refused}
        words = f"{done.created + done.revised:,} customers: joined with their first interaction, left when silent."
        return command.Outcome(answer=answer, words=words, refused=done.refused > 0)
