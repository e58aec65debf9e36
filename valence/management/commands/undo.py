"""valence undo NUMBER: take an import back, as if it had never been brought in."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from valence.flows.gather import undo
from valence.management import command


class Command(command.Command):
    """Undo an import."""

    help = "Undo an import whole, as if it had never been brought in. Broken off, the same command goes on."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "number", type=int, help="the import's number, as `valence import` and the page Data say it"
        )

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        try:
            with self.bar() as progress:
                done = undo.run(number=options["number"], by=getpass.getuser(), now=now, progress=progress)
        except undo.CannotUndo as problem:
            raise command.WrongUse(f"{problem} Nothing was changed.") from None
        return command.Outcome(answer=asdict(done), words=undo.words(done=done))
