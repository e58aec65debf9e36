"""valence object CUSTOMER: record that a customer objects to being scored, or does so no more."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from valence.customers import objections, queries
from valence.flows.protect import objecting
from valence.management import command
from valence.terms import EVERYTHING


class Command(command.Command):
    """Record an objection to being scored."""

    help = "Record that a customer objects to being scored: figures go at once. --take-back: scored again."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("customer", metavar="CUSTOMER", help="the company's own id of the customer")
        parser.add_argument(
            "--take-back", action="store_true", help="the customer objects no more; scored again at once"
        )

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        try:
            key = queries.key_of(customer_id=options["customer"], scope=EVERYTHING)
        except queries.UnknownCustomer:
            raise command.WrongUse(f"There is no customer {options['customer']}.") from None
        objects, before = not options["take_back"], objections.since(customer_keys=[key]).get(key)
        if objects == (before is not None):
            said = f"since {before.since:%Y-%m-%d}, {before.source}" if before else "nothing to take back"
            return _outcome(objects, changed=False, words=f"Nothing changed: {said}.")
        objecting.keep(key=key, objects=objects, by=getpass.getuser(), now=now)
        done = "Not scored any more: bond, chance and value at risk are deleted, and no rule that asks for them fires."
        return _outcome(objects, changed=True, words=done if objects else "Objection taken back; scored again.")


def _outcome(objects: bool, *, changed: bool, words: str) -> command.Outcome:
    return command.Outcome(answer={"objects": objects, "changed": changed}, words=words)
