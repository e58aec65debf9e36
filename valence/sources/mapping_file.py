"""Mappings as files that people read: written with comments, kept in the data folder, found again by their columns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from valence.sources import mapping
from valence.sources.files import WrongFile
from valence.sources.mapping import Mapped

FOLDER = "mappings"
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
HEAD = """# How files with the columns below are read; docs/sources.md says what each part means. Edit it freely.
# `?` stands where somebody has to decide before a file can be brought in.
"""
SECTIONS = {
    "file": "How the file is laid out.",
    "columns": "Ours = theirs. A column that is not named here is kept as an attribute.",
    "joined": "Ours = columns of theirs, written one after the other.",
    "formats": "How values are written. Numbers: 1.234,56. Times: day-month-year, month-day-year, epoch seconds ...",
    "constants": "The same in every record.",
    "values": "Their words = our words, by our column.",
    "sets": "By column and word of theirs: what it says in our columns.",
    "facts": "A fact holds where a column says one of the words.",
    "derive": "Facts and amounts that are worked out from a customer's other interactions.",
}


@dataclass(frozen=True)
class Saved:
    """A mapping that is kept: its name, and what it says."""

    name: str
    mapped: Mapped


def written(*, mapped: Mapped, notes: Mapping[str, str] | None = None, questions: Sequence[str] = ()) -> str:
    """Return a mapping as a text that `mapping.load` reads. notes: by our column, why it is that of theirs."""
    said = msgspec.to_builtins(mapped)
    top = {name: value for name, value in said.items() if not isinstance(value, dict) and name != "events"}
    lines = [HEAD, *(f"# To decide: {question}\n" for question in questions)]
    lines += [f"{name} = {_value(value)}\n" for name, value in top.items() if value not in ("", [], False, None)]
    for name, words in SECTIONS.items():
        if said.get(name):
            lines += [f"\n# {words}\n", *_table(name, said[name], notes or {})]
    for event in said["events"]:
        lines += ["\n# One of the interactions that each row tells of.\n[[events]]\n"]
        lines += [f"{name} = {_value(value)}\n" for name, value in event.items() if value]
    return "".join(lines)


def tables(*, head: str, tables: Mapping[str, Mapping[str, str]]) -> str:
    """Return tables of words as the text of a TOML file."""
    lines = [head]
    for name, said in tables.items():
        lines += [f"\n[{_key(name)}]\n", *(f"{_key(key)} = {_value(value)}\n" for key, value in said.items())]
    return "".join(lines)


def save(*, folder: Path, name: str, text: str) -> Path:
    """Write a mapping into the data folder. Raises WrongFile where the name or the text cannot be used."""
    if not _NAME.fullmatch(name):
        raise WrongFile("A mapping's name has small letters, digits, - and _, at most 60.")
    read(text=text, name=name)
    place = folder / FOLDER
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def read(*, text: str, name: str) -> Mapped:
    """Return what a mapping file says. Raises WrongFile."""
    return mapping.parsed(text=text, name=f"{name}.toml", is_json=False)


def named(*, folder: Path, said: str) -> Path:
    """Return the file of a mapping: of a path as it is, of a name in the data folder. Raises WrongFile."""
    path = Path(said)
    if path.suffix or path.is_file():
        return path
    kept = folder / FOLDER / f"{said}.toml"
    if not kept.is_file():
        there = ", ".join(one.name for one in every(folder=folder)) or "none yet"
        raise WrongFile(f"There is no mapping {said!r}. Kept are: {there}.")
    return kept


def every(*, folder: Path) -> tuple[Saved, ...]:
    """Return the mappings that are kept, by name; files that cannot be read are left out."""
    return tuple(_every(folder / FOLDER))


def find(*, folder: Path, columns: Sequence[str]) -> Saved | None:
    """Return the mapping that is meant for files with exactly these columns, the latest where there are several."""
    wanted = sorted(columns)
    fitting = [one for one in every(folder=folder) if sorted(one.mapped.for_columns) == wanted]
    return max(fitting, key=lambda one: (folder / FOLDER / f"{one.name}.toml").stat().st_mtime_ns, default=None)


def name_for(*, filename: str) -> str:
    """Return a name for the mapping of a file: its own, without digits, as next month's will have others."""
    words = re.findall(r"[a-z]+", filename.partition(".")[0].lower())
    return "_".join(words)[:60] or "export"


def _every(place: Path) -> Iterator[Saved]:
    for path in sorted(place.glob("*.toml")):
        try:
            yield Saved(path.stem, mapping.load(path=path))
        except WrongFile:
            continue


def _table(name: str, said: Mapping[str, Any], notes: Mapping[str, str]) -> Iterator[str]:
    flat = {key: value for key, value in said.items() if not isinstance(value, dict)}
    if flat:
        yield f"[{name}]\n"
        for key, value in flat.items():
            note = f"  # {notes[key]}" if name == "columns" and notes.get(key) else ""
            yield f"{_key(key)} = {_value(value)}{note}\n"
    for key, inner in said.items():
        if isinstance(inner, dict):
            yield f"[{name}.{_key(key)}]\n"
            for word, value in inner.items():
                yield f"{_key(word)} = {_value(value)}\n"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _value(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value)
