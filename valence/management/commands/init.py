"""valence init: the data folder, its key, the first administrator, and what is next."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from valence.management import command
from valence.people import actions, queries
from valence.terms import Role

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Command(command.Command):
    """Make everything ready for the first use."""

    help = "Make the data folder, its key and the first administrator with a generated password."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--user", default="admin", help="the name of the first administrator")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        folder = settings.HOME.folder
        if queries.staff():
            raise command.WrongUse(f"{folder} is in use already: it has accounts. Nothing was changed.")
        password = "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))
        try:
            actions.create_person(
                name=options["user"], password=password, role=Role.ADMINISTRATOR, by="valence init", now=now
            )
        except actions.RefusedError as refused:
            raise command.WrongUse(str(refused)) from None
        key = _key_place(folder)
        words = (
            f"Data folder: {folder}\n"
            f"Key:         {key}  (keep a copy apart from the data: without it nothing opens)\n\n"
            f"user: {options['user']}  password: {password}\n\n"
            "Next: valence import csv customers.csv, valence import csv interactions.csv, valence train,"
            " valence score, valence serve"
        )
        answer = {"home": str(folder), "key": key, "user": options["user"], "password": password}
        return command.Outcome(answer=answer, words=words)


def _key_place(folder: Path) -> str:
    if os.environ.get("VALENCE_KEY"):
        return "the environment variable VALENCE_KEY"
    return os.environ.get("VALENCE_KEY_FILE") or f"{folder}.key"
