"""valence key create NAME: a key for a machine, printed once."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from valence.management import command
from valence.people import keys


class Command(command.Command):
    """Make or close the key with which a machine uses the API."""

    help = "Make or close an API key. A new key is printed once; only its hash is kept."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["create", "close"])
        parser.add_argument("name")
        parser.add_argument(
            "--scope", action="append", choices=list(keys.SCOPES), help="may be repeated; default: write and read"
        )

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        who, name = getpass.getuser(), options["name"]
        if options["what"] == "close":
            if not keys.revoke(name=name, by=who, now=now):
                raise command.WrongUse(f"There is no open key named {name}.")
            return command.Outcome(answer={"closed": name}, words=f"Closed {name}.")
        scopes = options["scope"] or ["write", "read"]
        try:
            token = keys.create(name=name, scopes=scopes, by=who, now=now)
        except keys.RefusedKeyError as refused:
            raise command.WrongUse(str(refused)) from None
        return command.Outcome(answer={"name": name, "key": token, "scopes": sorted(scopes)}, words=token)
