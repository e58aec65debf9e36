"""valence serve: pages, intake, jobs and ticker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.management.base import CommandParser

from valence.flows.run import serve
from valence.management import command


class Command(command.Command):
    """Serve until stopped."""

    help = "Serve pages and intake, do background work and keep the clock; or only one of the three."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--only", choices=serve.PARTS, default="", help="run only this part")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        host, port, only = options["host"], options["port"], options["only"]
        address = f"http://{host}:{port}/"

        def ready() -> None:
            self.stderr.write(f"Valence is at {address} (Ctrl+C ends it).")

        try:
            serve.run(host=host, port=port, only=only, ready=ready)
        except serve.CannotListen as problem:
            raise command.WrongUse(str(problem)) from None
        return command.Outcome(answer={"address": "" if only and only != "web" else address}, words="Stopped.")
