"""valence erase CUSTOMER --why TEXT: erase a customer and print the certificate."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from valence.customers import queries
from valence.flows.protect import erase
from valence.management import command
from valence.terms import EVERYTHING


class Command(command.Command):
    """Erase everything about a customer."""

    help = "Erase everything about a customer, and print a certificate that tells nobody who it was."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("customer", help="the company's own id")
        parser.add_argument("--why", required=True, help="goes on record; leave names out")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        try:
            done = erase.run(
                customer_id=options["customer"], why=options["why"], who=getpass.getuser(), scope=EVERYTHING, now=now
            )
        except queries.UnknownCustomer:
            if queries.is_erased(customer_id=options["customer"]):
                raise command.WrongUse("This customer was erased already.") from None
            raise command.WrongUse("There is no such customer.") from None
        removed = ", ".join(f"{count:,} {name}" for name, count in done.removed.items())
        return command.Outcome(
            answer={"certificate": done.number, "erased_at": done.erased_at, "removed": dict(done.removed)},
            words=f"Certificate {done.number}\nErased at {done.erased_at:%Y-%m-%d %H:%M:%S} UTC: {removed}.",
        )
