"""valence model: the trained models, and which one is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from valence.ledger.actions import versions as keeping
from valence.ledger.queries import versions
from valence.management import command, figures


class Command(command.Command):
    """List models; use one of them."""

    help = "List the trained models, or use another one (roll back)."

    def add_options(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="what", metavar="list | use VERSION")
        acts.add_parser("list", help="list the models, the newest first")
        use = acts.add_parser("use", help="use this model from the next score on")
        use.add_argument("version")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        if options.get("what") == "use":
            return _use(options["version"])
        return _list()


def _list() -> command.Outcome:
    cards = versions.cards()
    rows = [
        (card.version, "in use" if card.in_use else "", f"{card.trained_at:%Y-%m-%d %H:%M}", card.pack, _auc(card))
        for card in cards
    ]
    headings = ("Model", "", "Trained", "Pack", "AUC at 30 days")
    words = figures.table(headings=headings, rows=rows) if cards else "There is no model yet. First run: valence train"
    return command.Outcome(answer={"models": [asdict(card) for card in cards]}, words=words)


def _use(version: str) -> command.Outcome:
    try:
        keeping.use_model(version=version)
    except keeping.UnknownModel:
        raise command.WrongUse(f"There is no model {version}. See: valence model list") from None
    return command.Outcome(
        answer={"in_use": version},
        words=f"Model {version} is used from now on. Stored results stay those of their own model until: valence score",
    )


def _auc(card: versions.ModelCard) -> object:
    return card.figures.get("30d", {}).get("auc")
