"""valence feed add|list|run|pause|resume|remove|seal NAME: sources that are asked again and again."""

from __future__ import annotations

import getpass
import time
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from rich.table import Table

from valence.flows.gather import feeds
from valence.management import command
from valence.people import audit
from valence.sources.feeds import actions, queries, registry, setup
from valence.sources.feeds.contract import WrongFeed

WHAT = ("add", "list", "run", "pause", "resume", "remove", "seal")
PARTS: Mapping[str, tuple[str, ...]] = {
    "folder": ("path", "pattern", "order", "after", "marker", "settle", "file_kind"),
    "sql": ("url", "query", "cursor", "id", "overlap", "revision", "start", "timeout", "piece"),
    "bucket": ("bucket", "prefix", "endpoint", "region", "access_key", "secret_key", "pattern", "order", "file_kind"),
}
SHARED = ("every", "at", "zone", "source", "records", "mapping")


class Command(command.Command):
    """Look after feeds. Whoever may run it may set feeds up: it is the administrator of the machine."""

    help = "Set up, run, pause and remove feeds: a watched folder, a scheduled SQL query, a bucket."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=WHAT)
        parser.add_argument("name", nargs="?", default="")
        parser.add_argument("--kind", choices=list(registry.FEEDS), help="add: " + " | ".join(registry.FEEDS))
        parser.add_argument("--file", type=Path, help="add: a TOML file to take, instead of the options below")
        for name in SHARED:
            parser.add_argument(f"--{name}", default="", help="add")
        options = dict.fromkeys(name for names in PARTS.values() for name in names)
        for name in options:
            kinds = ", ".join(kind for kind, names in PARTS.items() if name in names)
            parser.add_argument(f"--{name.replace('_', '-')}", dest=name, default="", help=f"add: {kinds}")
        parser.add_argument("--again", action="store_true", help="run: read everything again; what is in stays once")
        parser.add_argument("--wait", type=float, default=0, metavar="SECONDS", help="run: wait for files to settle")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        if not options["name"] and options["what"] != "list":
            raise command.WrongUse("Say which feed: valence feed " + options["what"] + " NAME")
        try:
            return getattr(self, f"_{options['what']}")(options, options["name"], now)  # type: ignore[no-any-return]
        except WrongFeed as wrong:
            raise command.WrongUse(str(wrong)) from None
        except feeds.Busy as busy:
            raise command.WrongUse(f"{busy} Try again when it is done.") from None

    def _add(self, options: Mapping[str, Any], name: str, now: datetime) -> command.Outcome:
        said = _from_file(options["file"]) if options["file"] else _from_options(options)
        added = setup.write(name=name, said=said)
        actions.know(name=name, now=now)
        audit.record(who=getpass.getuser(), what="feed add", about=name, now=now)
        words = (
            f"Feed {name} is set up in feeds/{name}.toml and runs {added.schedule.words} while `valence serve` runs."
        )
        words += f"\nTry it now: valence feed run {name}"
        return command.Outcome(answer={"name": name, "kind": added.kind, "schedule": added.schedule.words}, words=words)

    def _list(self, options: Mapping[str, Any], name: str, now: datetime) -> command.Outcome:
        rows, last = queries.rows(), queries.last_runs()
        found = [_told(one, rows.get(one.name), last.get(one.name)) for one in setup.found()]
        return command.Outcome(answer={"feeds": found}, words=_table(found) if found else "No feed is set up.")

    def _run(self, options: Mapping[str, Any], name: str, now: datetime) -> command.Outcome:
        if options["again"]:
            setup.load(name=name)
            actions.forget_progress(name=name)
        ran = self._ran(name, now)
        until = time.monotonic() + options["wait"]
        while ran.waiting and time.monotonic() < until:
            time.sleep(min(1.0, options["wait"]))
            ran = self._ran(name, datetime.now(UTC))
        answer = {
            "name": name,
            **{key: getattr(ran, key) for key in ("pieces", "created", "duplicate", "revised", "refused", "same")},
            "waiting": [one.name for one in ran.waiting],
            "set_aside": [{"name": file, "why": why} for file, why in ran.aside],
        }
        return command.Outcome(answer=answer, words=ran.words, refused=bool(ran.refused or ran.aside))

    def _ran(self, name: str, now: datetime) -> feeds.Ran:
        with self.bar() as progress:
            return feeds.run(name=name, by=getpass.getuser(), now=now, progress=progress)

    def _pause(self, options: Mapping[str, Any], name: str, now: datetime) -> command.Outcome:
        return self._paused(name, now, paused=True)

    def _resume(self, options: Mapping[str, Any], name: str, now: datetime) -> command.Outcome:
        actions.retry_aside(name=name)
        return self._paused(name, now, paused=False)

    def _paused(self, name: str, now: datetime, *, paused: bool) -> command.Outcome:
        setup.load(name=name)
        actions.pause(name=name, paused=paused, now=now)
        audit.record(who=getpass.getuser(), what="feed pause" if paused else "feed resume", about=name, now=now)
        words = f"Feed {name} rests." if paused else f"Feed {name} goes on; files that were set aside are tried again."
        return command.Outcome(answer={"name": name, "paused": paused}, words=words)

    def _remove(self, options: Mapping[str, Any], name: str, now: datetime) -> command.Outcome:
        if name not in {one.name for one in setup.found()}:
            raise WrongFeed(f"There is no feed {name}.")
        feeds.remove(name=name)
        audit.record(who=getpass.getuser(), what="feed remove", about=name, now=now)
        return command.Outcome(answer={"removed": name}, words=f"Feed {name} is gone. What it brought in stays.")

    def _seal(self, options: Mapping[str, Any], name: str, now: datetime) -> command.Outcome:
        sealed = setup.seal(name=name)
        words = "Its password is sealed now." if sealed else "No password stood in the open."
        return command.Outcome(answer={"name": name, "sealed": sealed}, words=words)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise WrongFeed(f"{path.name} cannot be read: {problem}.") from None


def _from_options(options: Mapping[str, Any]) -> dict[str, Any]:
    kind = options["kind"]
    if not kind:
        raise WrongFeed("Say what it is: --kind " + " | ".join(registry.FEEDS) + ", or --file FILE.")
    part: dict[str, Any] = {name: _number(options[name]) for name in PARTS[kind] if options[name]}
    if kind == "folder" and "path" in part:
        part["path"] = str(Path(part["path"]).expanduser().resolve())
    shared: dict[str, Any] = {name: options[name] for name in SHARED if options[name]}
    if "at" in shared:
        shared["at"] = shared["at"].replace(" ", "").split(",")
    return {"kind": kind, **shared, kind: part}


def _number(text: str) -> str | int:
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _told(
    one: setup.Setup | setup.Broken, row: queries.FeedRow | None, last: queries.RunRow | None
) -> dict[str, object]:
    if isinstance(one, setup.Broken):
        return {"name": one.name, "kind": "", "schedule": "", "state": "wrong", "next_at": None, "words": one.why}
    state = "running" if feeds.is_running(name=one.name) else "paused" if row and row.paused else "on"
    return {
        "name": one.name,
        "kind": one.kind,
        "reads": one.reads_from,
        "schedule": one.schedule.words,
        "state": state,
        "next_at": row.next_at if row and not row.paused else None,
        "words": f"{last.state}: {last.words}" if last else "has not run yet",
    }


def _table(found: list[dict[str, object]]) -> Table:
    table = Table(box=None)
    for heading in ("feed", "kind", "runs", "state", "next", "last run"):
        table.add_column(heading)
    for one in found:
        following = one["next_at"]
        zone = settings.ORGANISATION.zone
        at = f"{following.astimezone(zone):%Y-%m-%d %H:%M}" if isinstance(following, datetime) else ""
        table.add_row(*(str(one[key]) for key in ("name", "kind", "schedule", "state")), at, str(one["words"]))
    return table
