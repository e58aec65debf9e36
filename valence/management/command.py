"""What every command has in common: the home is opened, one answer is printed, the exit code means the same everywhere.

0 done   1 done with refusals   2 wrong use or wrong input, nothing changed   3 failed, with a reference to the log
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, NoReturn

import msgspec
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.utils import timezone
from rich import progress as bars
from rich.console import Console, RenderableType

from valence import terms
from valence.flows.run import failures, opening

DONE, REFUSALS, WRONG_USE, FAILED = 0, 1, 2, 3
Report = Callable[[terms.Progress], None]


class WrongUse(CommandError):  # noqa: N818  it is said to people as "wrong use"
    """The command or its input was wrong and nothing was changed. Ends the process with exit code 2."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=WRONG_USE)


@dataclass(frozen=True)
class Outcome:
    """What a command found or did: `answer` for `--format json`, `words` (text or a rich table) for people."""

    answer: Mapping[str, object]
    words: RenderableType
    refused: bool = False


class Command(BaseCommand):
    """A command of Valence. A subclass writes `add_options` (argparse) and `act`; the rest is done here.

    `act` returns an Outcome; it raises WrongUse where nothing was changed. `opens_home` is False for the few commands
    that touch no data folder. Standard output carries the answer and nothing else; all else goes to standard error.
    """

    opens_home: ClassVar[bool] = True
    requires_system_checks: ClassVar[list[str]] = []  # type: ignore[misc]
    suppressed_base_arguments: ClassVar[set[str]] = {  # type: ignore[misc]
        "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color",
        "--skip-checks",
    }  # fmt: skip

    def add_options(self, parser: CommandParser) -> None:
        """Add the arguments of this command."""

    def act(self, *, options: Mapping[str, Any], now: datetime) -> Outcome:
        """Do what the command is for. `now` is the one reading of the clock."""
        raise NotImplementedError

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options that every command has, then its own."""
        parser.add_argument(
            "--format", choices=["text", "json"], default="text", help="json: one JSON object on standard output"
        )
        self.add_options(parser)

    def run_from_argv(self, argv: list[str]) -> NoReturn:
        """Parse, act, print, and end the process with the exit code."""
        self._called_from_command_line = True
        options = vars(self.create_parser(argv[0], argv[1]).parse_args(argv[2:]))
        sys.exit(self._ended(options=options))

    def handle(self, *args: Any, **options: Any) -> None:
        """Act and print; for calls from Python. Ends with SystemExit(1) after refusals."""
        outcome = self._outcome(options=options, now=timezone.now())
        self._print(outcome=outcome, as_json=options["format"] == "json")
        if outcome.refused:
            raise SystemExit(REFUSALS)

    def open_home(self) -> None:
        """Open the data folder; a command whose `opens_home` is False calls it where it needs one after all."""
        try:
            opening.open_home(home=settings.HOME)
        except opening.CannotOpen as problem:
            raise WrongUse(str(problem)) from None

    @contextmanager
    def bar(self) -> Iterator[Report]:
        """Show progress bars on standard error while a long piece of work reports; silent where nobody watches.

        Each different `words` of a Progress gets a line of its own.
        """
        console = Console(stderr=True)
        if not console.is_terminal:
            yield lambda progress: None
            return
        columns = (
            bars.TextColumn("{task.description}"), bars.BarColumn(), bars.MofNCompleteColumn(),
            bars.TimeElapsedColumn(), bars.TimeRemainingColumn(),
        )  # fmt: skip
        with bars.Progress(*columns, console=console) as shown:
            yield _reporter(shown)

    def _ended(self, *, options: dict[str, Any]) -> int:
        now = timezone.now()
        as_json = options["format"] == "json"
        try:
            outcome = self._outcome(options=options, now=now)
            self._print(outcome=outcome, as_json=as_json)
        except CommandError as problem:
            return self._complain(words=str(problem), code=WRONG_USE, as_json=as_json)
        except KeyboardInterrupt:
            return self._complain(words="Stopped.", code=FAILED, as_json=as_json)
        except Exception as problem:
            return self._failed(problem=problem, now=now, as_json=as_json)
        finally:
            connections.close_all()
        return REFUSALS if outcome.refused else DONE

    def _outcome(self, *, options: dict[str, Any], now: datetime) -> Outcome:
        if self.opens_home:
            self.open_home()
        return self.act(options=options, now=now)

    def _print(self, *, outcome: Outcome, as_json: bool) -> None:
        if as_json:
            self.stdout.write(said(answer=outcome.answer))
        elif isinstance(outcome.words, str):
            self.stdout.write(outcome.words)
        else:
            wide = None if sys.stdout.isatty() else 160
            Console(file=self.stdout, width=wide, highlight=False).print(outcome.words)  # type: ignore[arg-type]

    def _failed(self, *, problem: Exception, now: datetime, as_json: bool) -> int:
        name = type(self).__module__.rpartition(".")[2]
        reference = failures.record(home=settings.HOME, name=name, problem=problem, now=now)
        words = f"Something unexpected failed. The details are in {settings.HOME.folder}/logs/{reference}.log"
        return self._complain(words=words, code=FAILED, as_json=as_json, reference=reference)

    def _complain(self, *, words: str, code: int, as_json: bool, reference: str = "") -> int:
        self.stderr.write(words)
        if as_json:
            error = {"message": words, "exit_code": code, "reference": reference}
            self.stdout.write(said(answer={"error": error}))
        return code


def said(*, answer: Mapping[str, object]) -> str:
    """Return the answer as one JSON object; unknown numbers (NaN) become null, times ISO 8601."""
    return msgspec.json.encode(answer, enc_hook=_plain).decode()


def time_of(text: str) -> datetime:
    """Read a time given on the command line: ISO 8601, UTC where it names no offset. For argparse's `type`."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time; write it like 2026-01-31T14:00:00Z") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _plain(value: object) -> object:
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def _reporter(shown: bars.Progress) -> Report:
    tasks: dict[str, bars.TaskID] = {}

    def report(progress: terms.Progress) -> None:
        if progress.words not in tasks:
            tasks[progress.words] = shown.add_task(progress.words, total=None)
        shown.update(tasks[progress.words], completed=progress.done, total=progress.total or None)

    return report
