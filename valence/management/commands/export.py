"""valence export: results as files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from valence.flows import export
from valence.management import command


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
        answer = {"name": written.name, "file": str(written.path), "rows": written.rows}
        return command.Outcome(answer=answer, words=f"{written.rows:,} rows of {written.name} are in {written.path}.")
