"""valence evaluate truth DIR, valence evaluate text FILE: how good the product is, on data that knows the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from valence.management import command, evaluations


class Command(command.Command):
    """Measure the product."""

    # Only the subject knows whether it needs a home: a labelled file is measured without one.
    opens_home: ClassVar[bool] = False

    help = (
        "truth: compare what this home says with the truth of the simulated operator that was imported into it "
        "(at twelve months it looks back with models that knew nothing later; losses are the stored ones). "
        "text: read anybody's labelled file and say how often that was right."
    )

    def add_options(self, parser: CommandParser) -> None:
        subjects = parser.add_subparsers(dest="subject", required=True)
        for name, evaluation in evaluations.SUBJECTS.items():
            subject = subjects.add_parser(name, help=evaluation.HELP)
            evaluation.add_options(parser=subject)
            # Also after the file: people write it there.
            subject.add_argument("--format", choices=["text", "json"], default="text", help="json: one JSON object")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        evaluation = evaluations.SUBJECTS[options["subject"]]
        outcome: command.Outcome = evaluation.act(options=options, now=now, evaluation=self)
        return outcome
