"""valence mapping FILE: how an export of another system would be read, and what would happen; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import CommandParser

from valence.flows.gather import mappings
from valence.management import command, mapping_words
from valence.sources import files, mapping, mapping_file, registry

SETTABLE = ("columns", "formats", "constants", "derive")


class Command(command.Command):
    """Look at a file of another system; keep how it is to be read."""

    help = "Find out how an export of another system is to be read, try 1,000 rows, and keep the mapping."

    def add_options(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="without one: the mappings that are kept")
        parser.add_argument("--kind", choices=["customers", "interactions"], help="default: recognised")
        parser.add_argument("--part", default="", help="the file inside a zip file; * stands for anything")
        parser.add_argument("--sheet", default="", help="the sheet of a workbook; * for all with the same columns")
        parser.add_argument("--encoding", default="", help="default: found out")
        parser.add_argument(
            "--header-line", type=int, default=0, help="which line names the columns; default: found out"
        )
        parser.add_argument("--zone", default="", help="time zone of local times; default: the organisation's")
        parser.add_argument("--as-of-export", default="", help="the day on which the file was made")
        parser.add_argument("--set", action="append", default=[], metavar="PLACE=VALUE", help="formats.occurred_at=...")
        parser.add_argument("--save", default="", metavar="NAME", help="keep the mapping in HOME/mappings/NAME.toml")
        parser.add_argument("--new", action="store_true", help="propose anew, whatever is kept for such files")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        if options["file"] is None:
            return _kept()
        try:
            seen = _seen(options)
            saved = mapping_words.save(seen=seen, name=options["save"]) if options["save"] else ""
            path = options["file"]
            answer, words = mapping_words.looked(
                seen=seen, path=path, now=now, filename=path.name, saved=options["save"] if saved else ""
            )
        except files.WrongFile as wrong:
            raise command.WrongUse(f"{wrong} Nothing was changed.") from None
        return command.Outcome(answer={**answer, "saved": saved}, words=words)


def _kept() -> command.Outcome:
    there = mapping_file.every(folder=settings.HOME.folder)
    lines = [f"{one.name}: {one.mapped.kind}, columns {', '.join(one.mapped.for_columns)[:100]}" for one in there]
    answer: dict[str, object] = {"mappings": [one.name for one in there]}
    return command.Outcome(answer=answer, words="\n".join(lines) or "No mapping is kept yet.")


def _seen(options: Mapping[str, Any]) -> mappings.Seen:
    said = files.Layout(
        part=options["part"], sheet=options["sheet"], encoding=options["encoding"], delimiter="", quote="",
        header_line=options["header_line"], zone=options["zone"], as_of=options["as_of_export"],
    )  # fmt: skip
    path: Path = options["file"]
    kind = registry.kind_by_name(filename=path.name) or "csv"
    seen = mappings.see(kind=kind, path=path, record_kind=options["kind"] or "", said=said, as_new=options["new"])
    return replace(seen, mapped=_changed(seen.mapped, options["set"]))


def _changed(mapped: mapping.Mapped, changes: list[str]) -> mapping.Mapped:
    """Return a mapping with values set by place: `columns.kind=Art`; an empty value takes the place out."""
    said: dict[str, Any] = msgspec.to_builtins(mapped)
    for change in changes:
        place, _, value = change.partition("=")
        section, _, name = place.partition(".")
        if place == "one_each" and value in ("true", "false"):
            said["one_each"] = value == "true"
        elif name and section in SETTABLE:
            _set(said[section], name, value)
        elif section == "values" and "." in name:
            ours, _, word = name.partition(".")
            _set(said["values"].setdefault(ours, {}), word, value)
        else:
            raise files.WrongFile(
                f"{change!r} cannot be set; write it like columns.kind=Art, formats.amount=1.234,56, "
                "values.department.Technik=field or one_each=true."
            )
    return mapping.checked(said)


def _set(section: dict[str, Any], name: str, value: str) -> None:
    if value:
        section[name] = value
    else:
        section.pop(name, None)
