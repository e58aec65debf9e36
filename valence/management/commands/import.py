# ruff: noqa: N999 - the command is named as people type it
"""valence import csv|excel|parquet|xes|identities FILE: bring a file in."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.management.base import CommandParser

from valence.flows.gather import imports, mappings
from valence.management import command, identity_words, mapping_words
from valence.sources import files, mapping, mapping_file, noted, registry

IDENTITIES = "identities"


class Command(command.Command):
    """Bring a file in; what is refused is written beside it with its reasons."""

    help = "Bring in a file of customers or interactions (csv, excel, parquet), packed or not, or an event log (xes)."

    def add_options(self, parser: CommandParser) -> None:
        kinds = [*registry.KINDS, IDENTITIES]
        parser.add_argument("source", choices=kinds, metavar="KIND", help=" | ".join(kinds))
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", choices=["customers", "interactions"], help="default: recognised by its columns")
        parser.add_argument("--mapping", help="a kept mapping's name, or a file (TOML, JSON); default: guessed")
        parser.add_argument("--guess", action="store_true", help="read other layouts and encodings as they are guessed")
        parser.add_argument("--look", action="store_true", help="show what would happen, like `valence mapping`")
        parser.add_argument("--lost-activity", default="", help="xes: the activity that ends the relationship")
        parser.add_argument("--refused", type=Path, help="where to write what is refused; default: beside FILE")

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        path: Path = options["file"]
        if options["source"] == IDENTITIES:
            beside = options["refused"] or _beside(path)
            with self.bar() as progress:
                return identity_words.brought(path=path, refused=beside, by=getpass.getuser(), now=now, report=progress)
        try:
            if options["look"]:
                return _look(options, now)
            mapped = _mapped(options["mapping"])
            with self.bar() as progress:
                imported = imports.run(
                    kind=options["source"],
                    path=path,
                    by=getpass.getuser(),
                    now=now,
                    record_kind=options["kind"],
                    mapped=msgspec.to_builtins(mapped) if mapped else None,
                    lost_activity=options["lost_activity"],
                    guess=options["guess"],
                    progress=progress,
                )
        except files.WrongFile as wrong:
            raise command.WrongUse(f"{wrong} Nothing was changed.") from None
        refused_file = _write_refused(imported, options["refused"] or _beside(path)) if imported.refused else ""
        return command.Outcome(
            answer=_answer(imported, refused_file), words=_words(imported, refused_file), refused=imported.refused > 0
        )


def _mapped(said: str | None) -> mapping.Mapped | None:
    return mapping.load(path=mapping_file.named(folder=settings.HOME.folder, said=said)) if said else None


def _look(options: Mapping[str, Any], now: datetime) -> command.Outcome:
    """Show how a file would be read and what would become of it; nothing is stored."""
    path: Path = options["file"]
    seen = mappings.see(kind=options["source"], path=path, record_kind=options["kind"] or "")
    mapped = _mapped(options["mapping"])
    seen = replace(seen, mapped=mapped, saved=options["mapping"]) if mapped else seen
    answer, words = mapping_words.looked(seen=seen, path=path, now=now, filename=path.name, saved="")
    return command.Outcome(answer=answer, words=words)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name.partition('.')[0]}.refused.csv")


def _write_refused(imported: imports.Imported, out: Path) -> str:
    """Write the refused records; where that folder may not be written, to the folder one is in."""
    try:
        imports.write_refused(number=imported.number, out=out)
    except OSError:
        out = Path.cwd() / out.name
        imports.write_refused(number=imported.number, out=out)
    return str(out)


def _answer(imported: imports.Imported, refused_file: str) -> dict[str, object]:
    return {
        "import": imported.number,
        "kind": imported.record_kind,
        "created": imported.created,
        "duplicate": imported.duplicate,
        "revised": imported.revised,
        "refused": imported.refused,
        "reasons": dict(imported.reasons),
        "notices": dict(imported.notices),
        "columns": [msgspec.structs.asdict(c) if isinstance(c, msgspec.Struct) else vars(c) for c in imported.columns],
        "refused_file": refused_file,
        "resumed_at": imported.resumed_at,
    }


def _words(imported: imports.Imported, refused_file: str) -> str:
    lines = [
        f"{imported.record_kind}: {imported.created:,} created, {imported.duplicate:,} duplicate,"
        f" {imported.revised:,} revised, {imported.refused:,} refused."
    ]
    if imported.resumed_at:
        lines.append(f"Went on after record {imported.resumed_at:,}, where it was broken off.")
    guessed = [f"{column.theirs} -> {column.ours}" for column in imported.columns if column.guessed]
    unknown = [column.theirs for column in imported.columns if not column.ours]
    joined = [f"{column.theirs} -> {column.ours}" for column in imported.columns if column.is_part]
    if guessed:
        lines.append(f"Columns guessed: {', '.join(guessed)}.")
    if joined:
        lines.append(f"Columns that say part of one of ours: {', '.join(joined)}.")
    if unknown:
        lines.append(f"Columns kept as attributes: {', '.join(unknown)}.")
    lines += noted.said(counts=imported.notices)
    if refused_file:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in imported.reasons.items())
        lines.append(f"Refused: {reasons}. Mend them in {refused_file} and import that file.")
    return "\n".join(lines)
