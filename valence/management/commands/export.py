"""valence export: results as files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from valence.bond import checking
from valence.flows.find import export
from valence.ledger.queries import versions
from valence.management import command
from valence.management.figures import HORIZONS


class Command(command.Command):
    """Write results to a file."""

    help = "Write results to a file: risk, blame, losses, or the bonds of one customer."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("name", choices=export.NAMES)
        parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="ends with .csv or .parquet")
        parser.add_argument("--customer", default="", metavar="ID", help="whose bonds")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        try:
            with self.bar() as progress:
                written = export.write(
                    name=options["name"],
                    out=options["out"],
                    customer_id=options["customer"],
                    now=now,
                    progress=progress,
                )
        except export.CannotExport as problem:
            raise command.WrongUse(f"Nothing was written: {problem}.") from None
        told = f"{written.rows:,} rows of {written.name} are in {written.path}."
        held = _held() if written.name == "risk" else {}
        answer = {
            "name": written.name,
            "file": str(written.path),
            "rows": written.rows,
            **({"chances": held} if held else {}),
        }
        return command.Outcome(answer=answer, words="\n".join([told, *held.values()]))


def _held() -> dict[str, str]:
    """Say whether the chances that were written hold, for each horizon."""
    card = versions.in_use()
    figures = card.figures if card else {}
    return {f"{days}d": checking.words(figures=figures, days=days) for days in HORIZONS}
