"""valence codes SURVEY --customers FILE --out FILE: codes on paper, one for each customer of a list."""

from __future__ import annotations

import csv
import getpass
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from valence.flows.ask import paper
from valence.management import command
from valence.people import audit
from valence.surveys.values import NoSuchSurvey

COLUMN = "customer_id"


class Command(command.Command):
    """Invite customers by codes to print on letters, bills or cards."""

    help = "Codes on paper: invite each customer of a list by a code to print on a letter, a bill or a card."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("survey", help="the survey's short name, as `valence surveys list` has it")
        parser.add_argument("--customers", type=Path, required=True, help=f"a CSV file with the column {COLUMN}")
        parser.add_argument("--out", type=Path, required=True, help="a CSV file to write: customer_id, code, address")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        asked, out = _customers(options["customers"]), options["out"]
        try:
            with out.open("x", newline="", encoding="utf-8") as file:
                made = paper.for_customers(slug=options["survey"], customer_ids=asked, now=now)
                rows = csv.writer(file)
                rows.writerow((COLUMN, "code", "address"))
                rows.writerows((one.customer_id, one.code, one.address) for one in made if one.code)
        except NoSuchSurvey:
            out.unlink()
            raise command.WrongUse(f"There is no survey {options['survey']!r} that is asked.") from None
        except OSError as problem:
            raise command.WrongUse(f"{out} cannot be written: {problem.strerror}.") from None
        with_code = sum(bool(one.code) for one in made)
        audit.record(who=getpass.getuser(), what="codes made", about=f"{options['survey']}: {with_code}", now=now)
        left_out = len(made) - with_code
        words = f"{with_code:,} codes in {out}; {left_out:,} customers are not known, or do not want to be asked."
        return command.Outcome({"codes": with_code, "left_out": left_out, "file": str(out)}, words, left_out > 0)


def _customers(path: Path) -> list[str]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            if COLUMN not in (rows.fieldnames or ()):
                raise command.WrongUse(f"{path} has no column {COLUMN}.")
            return list(dict.fromkeys(filter(None, ((row[COLUMN] or "").strip() for row in rows))))
    except (OSError, UnicodeDecodeError, csv.Error):
        raise command.WrongUse(f"{path} cannot be read.") from None
