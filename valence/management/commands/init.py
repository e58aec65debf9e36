"""valence init: folder, key, whose installation it is, the first administrator, checks, and what is next."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from valence import organisation, packs
from valence.flows.run import founding
from valence.flows.run.machine import Health
from valence.management import command

USUAL_PORT = 8000
NEXT = """Next:
  valence serve{serve}then sign in at {address}/ : Getting started says what to do
or, from here:
  valence import csv customers.csv     who your customers are, and who left
  valence import csv interactions.csv  what happened to them
  valence train && valence score       who is about to leave, who was lost, and why
On a server, for others too: the page install.md of the documentation.
"""


class Command(command.Command):
    """Make everything ready for the first use; again, change only what is told."""

    help = "Set up: data folder, key, organisation, first administrator; look the machine over; say what is next."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("--organisation", help="its name, shown on every page")
        parser.add_argument("--currency", help="what money is counted in, like EUR or USD")
        parser.add_argument("--time-zone", help="in which times are shown, like Europe/Berlin")
        parser.add_argument("--region", action="append", help="may be repeated; those of customers are known anyway")
        parser.add_argument("--pack", help=f"the industry: {', '.join(packs.names())}")
        parser.add_argument("--address", help="under which people reach the pages, like https://valence.example.org")
        parser.add_argument("--user", help="the name of the first administrator (admin)")
        parser.add_argument("--password-stdin", action="store_true", help="the first line of standard input is it")
        parser.add_argument("--port", type=int, default=USUAL_PORT, help="on which the pages will be served")
        parser.add_argument("--yes", action="store_true", help="ask nothing")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        told = _told(options)
        try:
            done = founding.run(home=settings.HOME, told=told, by="valence init", port=options["port"], now=now)
        except founding.CannotFound as problem:
            raise command.WrongUse(f"{problem} Nothing was changed.") from None
        answer = {
            "home": str(settings.HOME.folder), "key": done.key, "erasures": str(settings.HOME.erasures),
            "organisation": done.organisation, "changed": done.changed, "user": done.user, "password": done.password,
            "findings": [
                {"check": each.check, "health": each.health, "words": each.words} for each in done.findings
            ],
        }  # fmt: skip
        return command.Outcome(answer=answer, words=_words(done, port=options["port"]), refused=_is_bad(done))


def _told(options: Mapping[str, Any]) -> founding.Told:
    names = {"organisation": "name", "currency": "currency", "time_zone": "time_zone", "region": "regions",
             "pack": "pack", "address": "address"}  # fmt: skip
    given = {ours: options[theirs] for theirs, ours in names.items() if options[theirs] is not None}
    if "regions" in given:
        given["regions"] = tuple(given["regions"])
    staffed = founding.is_staffed()
    password = _given_password(options) if not staffed else ""
    user = options["user"] or ""
    if sys.stdin.isatty() and options["format"] == "text" and not options["yes"]:
        if not organisation.is_stored(folder=settings.HOME.folder):
            given = {**_asked(given), **given}
        if not staffed:
            user = user or _ask("Name of the first administrator", "admin", str.strip)
            password = password or _ask_password()
    return founding.Told(organisation=given, user=user or "admin", password=password)


def _given_password(options: Mapping[str, Any]) -> str:
    """Return a password that no list of processes shows: from the environment, or standard input."""
    if options["password_stdin"]:
        return sys.stdin.readline().rstrip("\r\n")
    return os.environ.get("VALENCE_ADMIN_PASSWORD", "")


def _asked(given: Mapping[str, object]) -> dict[str, object]:
    """Ask whose installation it is; Enter takes what stands in brackets."""
    kept = organisation.stored(folder=settings.HOME.folder)
    asked: dict[str, object] = {}
    questions: dict[str, tuple[str, str, Callable[[str], object]]] = {
        "name": ("Name of your organisation", kept.name, str.strip),
        "currency": ("Currency, three letters", kept.currency, str.strip),
        "time_zone": ("Time zone in which times are shown", organisation.local_zone(), str.strip),
        "regions": ("Regions, with commas (Enter: those your customers have)", "", _listed),
        "address": ("Address under which people will reach it (Enter: only this machine)", "", str.strip),
    }
    if len(packs.names()) > 1:
        questions["pack"] = (f"Industry: {', '.join(packs.names())}", kept.pack, str.strip)
    for name, (words, usual, read) in questions.items():
        if name not in given and name not in organisation.fixed():
            asked[name] = _ask(words, usual, read, check=name)
    return asked


def _ask(words: str, usual: str, read: Callable[[str], Any], *, check: str = "") -> Any:
    """Ask until the answer can be used."""
    while True:
        sys.stderr.write(f"{words}{f' [{usual}]' if usual else ''}: ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise command.WrongUse("No answer came. Nothing was changed.")
        answer = read(line.strip() or usual)
        try:
            if check:
                organisation.checked(organisation.Organisation(**{check: answer}))
        except organisation.NotUsable as problem:
            sys.stderr.write(f"{problem}\n")
            continue
        return answer


def _ask_password() -> str:
    while True:
        password = getpass.getpass("Password, at least 10 letters (Enter: make one): ")
        if not password or password == getpass.getpass("Again: "):
            return password
        sys.stderr.write("The two are not the same.\n")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def _is_bad(done: founding.Founded) -> bool:
    return any(each.health is Health.BAD for each in done.findings)


def _serve(port: int) -> str:
    """Return what `valence serve` needs to serve there, as wide as the lines below it."""
    return ("" if port == USUAL_PORT else f" --port {port}").ljust(24)


def _words(done: founding.Founded, *, port: int) -> str:
    one = done.organisation
    lines = [
        f"Data folder:  {settings.HOME.folder}",
        f"Key:          {done.key}  (keep a copy apart from the data: without it nothing opens)",
        f"Erasures:     {settings.HOME.erasures}  (keep a copy beside the key's)",
        f"Organisation: {one.name or 'no name yet'}; money in {one.currency}, times in {one.time_zone}",
        *(f"Note:         {each.words}" for each in done.findings if each.health is not Health.GOOD),
        "",
    ]
    if done.password:
        lines += [f"user: {done.user}  password: {done.password}", "(shown this once)", ""]
    elif done.user:
        lines += [f"user: {done.user}, with the password you gave", ""]
    else:
        lines += ["Accounts are there already: make more under Settings.", ""]
    address = one.address or f"http://127.0.0.1:{port}"
    return "\n".join([*lines, NEXT.format(serve=_serve(port), address=address).rstrip()])
