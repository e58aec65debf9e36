"""valence backup FILE: everything in one file, while the product runs."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from valence.flows.run import backup
from valence.management import command

SHORTEST = 12


class Command(command.Command):
    """Make a backup."""

    help = "Write everything into one file, read it again, and say what is in it. The product may run meanwhile."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="an older backup there is replaced once this is whole"
        )
        parser.add_argument(
            "--with-key", action="store_true",
            help="put the key into it, sealed with a passphrase (asked for, or VALENCE_BACKUP_PASSPHRASE)",
        )  # fmt: skip

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        passphrase = _passphrase() if options["with_key"] else ""
        try:
            with self.bar() as report:
                made = backup.run(
                    path=options["file"], by=getpass.getuser(), now=now, passphrase=passphrase, progress=report
                )
        except backup.CannotBackUp as problem:
            raise command.WrongUse(str(problem)) from None
        answer = {
            "file": str(made.path), "made_at": made.made_at, "bytes": made.size, "log_rows": made.rows,
            "files": made.files, "with_key": made.with_key,
        }  # fmt: skip
        key = "The key is in it, under the passphrase." if made.with_key else "The key is not in it: keep that apart."
        words = f"{made.path}: {made.size / 1e6:,.1f} MB, {made.rows:,} rows of the log, read again and whole. {key}"
        return command.Outcome(answer=answer, words=words)


def _passphrase() -> str:
    given = os.environ.get("VALENCE_BACKUP_PASSPHRASE", "")
    if not given and sys.stdin.isatty():
        given = getpass.getpass("Passphrase: ")
        if given != getpass.getpass("Again: "):
            raise command.WrongUse("The two are not the same. Nothing was written.")
    if len(given) < SHORTEST:
        raise command.WrongUse(f"The passphrase needs at least {SHORTEST} letters (VALENCE_BACKUP_PASSPHRASE).")
    return given
