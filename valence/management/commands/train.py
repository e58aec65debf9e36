"""valence train: learn the bond from what is known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from valence.flows.weigh import train
from valence.management import command
from valence.management.figures import model_words


class Command(command.Command):
    """Train a model of the bond and use it."""

    help = "Train a model of the bond on everything known by a moment, keep it with its figures, and use it."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--until", type=command.time_of, metavar="TIME", help="use only what was known by then (default: all)"
        )

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        try:
            with self.bar() as progress:
                card = train.train(now=now, progress=progress, until=options["until"])
        except train.NothingToLearn as problem:
            raise command.WrongUse(f"Nothing to learn from: {problem}.") from None
        answer = {
            "model": card.version,
            "trained_at": card.trained_at,
            "known_until": card.known_until,
            "pack": card.pack,
            "figures": card.figures,
        }
        return command.Outcome(answer=answer, words=model_words(card=card))
