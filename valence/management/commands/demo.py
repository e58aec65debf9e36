"""valence demo: make a lively made-up operator, say how to sign in, and serve it."""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import tempfile
import webbrowser
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from functools import partial
from pathlib import Path
from threading import Timer
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from valence import terms
from valence.customers import queries as customers
from valence.demo import crowd, simulator, world
from valence.flows.act import casework, rehearsing, watching
from valence.flows.ask import living
from valence.flows.gather import imports, readiness, undo
from valence.flows.read import reading
from valence.flows.run import serve
from valence.flows.weigh import score, train
from valence.management import command
from valence.people import actions as people

USER = "demo"
WORDS = (
    "amber", "birch", "cedar", "dune", "ember", "fjord", "grove", "heath", "inlet", "juniper", "kelp", "larch",
    "meadow", "north", "opal", "pine", "quartz", "reed",
)  # fmt: skip


class Command(command.Command):
    """Serve a made-up operator, made on first use."""

    help = "Make a made-up operator in VALENCE_HOME (once), say how to sign in, and serve it."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--customers", type=int, default=10_000)
        parser.add_argument("--months", type=int, default=24)
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--remove", action="store_true", help="take the made-up operator out; your own data stays")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        if options["remove"]:
            return self._removed(now=now)
        if len(customers.relationships()):
            self._say(f"The made-up operator is in {settings.HOME.folder} already.")
        else:
            self._make(options=options, now=now)
        password = _new_password(now=now)
        address = f"http://{options['host']}:{options['port']}/"
        self._say(f"\n  {address}\n  user: {USER}  password: {password}\n\nCtrl+C ends it.")
        if os.environ.get("OPEN", "1") != "0":
            Timer(2.0, webbrowser.open, [address]).start()
        serve.run(host=options["host"], port=options["port"])
        return command.Outcome(answer={"address": address}, words="Stopped.")

    def _removed(self, *, now: datetime) -> command.Outcome:
        """Undo the demonstration's imports, and work out what is left."""
        living.end(by=USER)
        with self.bar() as report:
            done = undo.remove_demo(by=getpass.getuser(), now=now, progress=report)
        said = [undo.words(done=one) for one in done] or ["There is no made-up operator here."]
        if done:
            said.append(f"The account {USER} stays until somebody closes it under Settings.")
        return command.Outcome(answer={"undone": [asdict(one) for one in done]}, words="\n".join(said))

    def _make(self, *, options: Mapping[str, Any], now: datetime) -> None:
        """Make the operator's files, take them in as any company's, learn from them, and score everybody."""
        folder = Path(tempfile.mkdtemp(prefix="operator-", dir=settings.HOME.folder / "uploads"))
        end = terms.days(datetime.combine(now.date(), time(), tzinfo=UTC))
        try:
            self._step("1 of 8  Making up an operator and its customers", lambda report: simulator.simulate(
                customers=options["customers"], months=options["months"], seed=options["seed"],
                law=world.Law.ADDITIVE, end=end, out=folder, files="csv", report=report,
                asked_elsewhere=end - crowd.DAYS,
            ))  # fmt: skip
            for number, name in enumerate(("customers", "interactions"), start=2):
                self._step(f"{number} of 8  Taking in its {name}", partial(_take, folder / f"{name}.csv", now))
            self._step("4 of 8  Asking customers for a year, and hearing them",
                       partial(_live, folder, options["seed"], now))  # fmt: skip
            self._step("5 of 8  Learning what strengthens and weakens the bond",
                       lambda report: train.train(now=now, progress=report))  # fmt: skip
            self._step("6 of 8  Working out who may leave, and who was lost and why",
                       lambda report: score.score(now=now, progress=report))  # fmt: skip
            self._step("7 of 8  Saying what such data can answer",
                       lambda report: readiness.look(now=now, progress=report))  # fmt: skip
            self._step("8 of 8  Switching rules on, and opening the first cases", lambda report: _act(now=now))
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _step(self, words: str, work: Callable[[command.Report], object]) -> None:
        self._say(words)
        with self.bar() as report:
            work(report)

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()


def _take(path: Path, now: datetime, report: command.Report) -> None:
    imports.run(kind="csv", path=path, by=USER, now=now, made_up=True, progress=report)


def _live(folder: Path, seed: int, now: datetime, report: command.Report) -> None:
    """Let surveys ask about the last year, and the made-up customers answer."""
    people = crowd.Crowd(voices=folder / "truth" / "voices.csv", seed=seed)
    since = now - timedelta(days=crowd.DAYS)
    living.come_alive(people=people, since=since, now=now, by=USER, folder=folder, report=report)


def _act(*, now: datetime) -> None:
    """Switch the rules of the pack on: they speak of the last days at once. The administrator owns the cases."""
    _new_password(now=now)
    casework.install(now=now, on=True)
    reading.read_all(now=now)
    rehearsing.raise_lately(now=now)
    watching.look(now=now)


def _new_password(*, now: datetime) -> str:
    """Give the demo's administrator a new password, making the account where it is absent."""
    password = "-".join([*(secrets.choice(WORDS) for _ in range(4)), str(secrets.randbelow(90) + 10)])
    people.put_administrator(name=USER, password=password, by="demo", now=now)
    return password
