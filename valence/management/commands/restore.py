"""valence restore FILE: a backup into an empty data folder."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from valence import home
from valence.flows.run import restore
from valence.management import command


class Command(command.Command):
    """Restore a backup."""

    help = "Check a backup and restore it into an empty VALENCE_HOME. Whoever was erased since then stays erased."
    opens_home: ClassVar[bool] = False

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--erased", type=Path, metavar="FILE", help="the register of erasures, where it is not at its place already"
        )
        parser.add_argument(
            "--without-register", action="store_true", help="nobody was erased since the backup was made"
        )

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        asked = restore.Asked(
            path=options["file"],
            passphrase=_passphrase(options["file"]),
            register=options["erased"],
            without_register=options["without_register"],
        )
        try:
            with self.bar() as report:
                done = restore.run(asked=asked, folder=home.place(), progress=report)
        except restore.CannotRestore as problem:
            raise command.WrongUse(str(problem)) from None
        findings = [{"check": check, "health": health, "words": words} for check, health, words in done.findings]
        answer = {
            "home": str(done.folder), "made_at": done.made_at, "log_rows": done.rows,
            "erased_again": done.erased_again, "findings": findings,
        }  # fmt: skip
        again = f" {done.erased_again} of it were erased since, and are again." if done.erased_again else ""
        warnings = "".join(f"\nNote: {each['words']}" for each in findings if each["health"] == "warning")
        words = (
            f"Restored into {done.folder}: everything as of {done.made_at[:16].replace('T', ' ')} UTC, "
            f"{done.rows:,} rows of the log, every hash right.{again}{warnings}\nNext: valence serve"
        )
        return command.Outcome(answer=answer, words=words)


def _passphrase(path: Path) -> str:
    """Return the passphrase where one may be needed: there is no key here, and a sealed one in the backup."""
    given = os.environ.get("VALENCE_BACKUP_PASSPHRASE", "")
    key = home.key_file(folder=home.place())
    if given or key is None or key.exists() or not sys.stdin.isatty():
        return given
    try:
        return getpass.getpass("Passphrase of the key in the backup: ") if restore.is_sealed_in(path=path) else ""
    except restore.CannotRestore as problem:
        raise command.WrongUse(str(problem)) from None
