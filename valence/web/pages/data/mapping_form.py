"""The form on which a mapping is corrected: what it shows, and the mapping that it says. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from valence.flows.gather.mappings import Seen
from valence.sources import files, lexicon, mapping, mapping_file
from valence.sources.drafting.draft import Question
from valence.sources.mapping import Mapped
from valence.sources.profiles import Profile

TYPED = ("kind", "department", "channel", "promise", "left_kind")
MOST_WORDS = 40
CONSTANTS = {"interactions": ("source", "kind", "department", "scale"), "customers": ("left_kind",)}
LAYOUT = ("part", "sheet", "encoding", "zone", "as_of")
ENCODINGS = (
    "utf-8-sig", "utf-8", "cp1252", "cp1250", "iso-8859-2", "cp850", "mac_roman", "cp1251", "cp1253", "cp1254",
    "utf-16", "utf-16-le", "utf-16-be",
)  # fmt: skip


@dataclass(frozen=True)
class ColumnRow:
    """One column of the file: examples, which of ours it is, how surely and why, and how its values may be written."""

    number: int
    theirs: str
    examples: str
    about: str
    ours: str
    role: str
    why: str
    sure: str
    notation: str
    notations: tuple[str, ...]


@dataclass(frozen=True)
class WordRow:
    """One word of theirs in a column of ours, how often a sample has it, and what it means."""

    number: int
    ours: str
    theirs: str
    count: int
    means: str
    known: bool


@dataclass(frozen=True)
class ConstantRow:
    """One of our columns that is the same in every record."""

    ours: str
    value: str


def columns(*, seen: Seen, mapped: Mapped) -> tuple[ColumnRow, ...]:
    """Return a row for each column of the file."""
    by_name = {one.name: one for one in seen.profiles}
    return tuple(_column(number, by_name[name], seen, mapped) for number, name in enumerate(seen.columns))


def words(*, seen: Seen, mapped: Mapped) -> tuple[WordRow, ...]:
    """Return the words of the columns that hold few different ones, with what each means."""
    return tuple(replace(row, number=number) for number, row in enumerate(_words(seen, mapped)))


def constants(*, mapped: Mapped) -> tuple[ConstantRow, ...]:
    """Return our columns that no column of theirs fills and that may be the same in every record."""
    names = [name for name in CONSTANTS[mapped.kind or "interactions"] if name not in mapped.columns]
    if "score" not in mapped.columns and not mapped.constants.get("scale"):
        names = [name for name in names if name != "scale"]
    return tuple(ConstantRow(name, mapped.constants.get(name, "")) for name in (*names, *_others(mapped, names)))


def layout_of(*, given: Mapping[str, Any]) -> files.Layout:
    """Return the parts of a layout that somebody chose on the form; what is empty is found out."""
    said = {name: str(given.get(f"file-{name}", "")).strip() for name in LAYOUT}
    line = str(given.get("file-header_line", "")).strip()
    return files.Layout(
        **said, delimiter="", quote="", header_line=int(line) if line.isdecimal() and len(line) < 4 else 0
    )


def mapped_of(*, given: Mapping[str, Any], before: Mapped) -> Mapped:
    """Return the mapping that the form says, on top of what it showed before."""
    said: dict[str, Any] = msgspec.to_builtins(before)
    said["columns"] = dict(_pairs(given))
    said["formats"] = _formats(given, before, said["columns"])
    said["constants"] = _constants(given, before)
    said["values"], said["sets"] = _meanings(given, before)
    said["kind"] = str(given.get("record_kind") or before.kind)
    if isinstance(said.get("file"), dict):
        said["file"] |= {name: str(given[f"file-{name}"]) for name in ("zone", "as_of") if f"file-{name}" in given}
    return mapping.checked(said)


def text_of(*, given: Mapping[str, Any]) -> Mapped:
    """Return the mapping that the text on the form says. Raises WrongFile."""
    return mapping_file.read(text=str(given.get("text", "")), name="mapping")


def questions(*, seen: Seen, mapped: Mapped) -> tuple[Question, ...]:
    """Return what is still to be decided."""
    return tuple(one for one in seen.proposal.questions if _is_open(one, mapped))


def _is_open(question: Question, mapped: Mapped) -> bool:
    section, _, name = question.place.partition(".")
    if section == "formats":
        return mapped.formats.get(name) == mapping.OPEN
    if section == "columns":
        return name not in mapped.columns and name not in mapped.fills()
    return not (mapped.file and mapped.file.as_of)


def _column(number: int, profile: Profile, seen: Seen, mapped: Mapped) -> ColumnRow:
    ours = next((name for name, theirs in mapped.columns.items() if theirs == profile.name), "")
    guess = seen.proposal.guesses.get(ours)
    fits = guess if guess and guess.theirs == profile.name else None
    notation = mapped.formats.get(ours, "")
    return ColumnRow(
        number=number,
        theirs=profile.name,
        examples=" · ".join(value[:40] for value in profile.examples),
        about=_about(profile),
        ours=ours,
        role="" if ours else _role(profile.name, mapped),
        why=f"by {fits.why}" if fits and fits.why else "",
        sure=f"{fits.confidence:.0%}" if fits else "",
        notation=notation,
        notations=_notations(ours, notation, profile),
    )


def _about(profile: Profile) -> str:
    empty = profile.rows - profile.filled
    said = f"{profile.distinct:,} different value{'s' if profile.distinct != 1 else ''}"
    return f"{said}, {empty / profile.rows:.0%} empty" if profile.rows and empty else said


def _role(theirs: str, mapped: Mapped) -> str:
    for ours, parts in mapped.joined.items():
        if theirs in parts:
            return f"part of {ours}"
    for fact, said in mapped.facts.items():
        if said.column == theirs:
            return f"says “{fact}” where it is {', '.join(said.words)}"
    for event in mapped.events:
        if theirs in (event.occurred_at, *event.columns.values()):
            return f"when “{event.name}” was"
    if theirs in mapped.sets:
        return "its words say what is what, below"
    return "part of the id that is made" if theirs in mapped.id_from else ""


def _notations(ours: str, notation: str, profile: Profile) -> tuple[str, ...]:
    """Return the ways that fit what stands in the column first, then the others."""
    if not ours or not (there := mapping.notations(field=ours)):
        return ()
    if ours == "customer_id":  # as it stands, unless zeros have to be put in front or left out
        return tuple(dict.fromkeys([notation, *there])) if notation else ()
    fitting: list[str] = [notation] if notation and notation != mapping.OPEN else []
    decided = profile.time or profile.number
    fitting += [decided.notation, *decided.others] if decided else []
    return tuple(dict.fromkeys([*(one for one in fitting if one), *there]))


def _words(seen: Seen, mapped: Mapped) -> Iterator[WordRow]:
    by_name = {one.name: one for one in seen.profiles}
    for ours in TYPED:
        profile = by_name.get(mapped.columns.get(ours, ""))
        for word, count in profile.values[:MOST_WORDS] if profile else ():
            said = mapped.sets.get(profile.name, {}).get(word, {}) if profile else {}
            means = _several(said) if said else mapped.values.get(ours, {}).get(word, "")
            known = bool(said or means or lexicon.word_for(column=ours, said=word))
            yield WordRow(0, ours, word, count, means or word, known)
    for theirs, told in mapped.sets.items():
        if theirs in by_name and theirs not in {mapped.columns.get(ours) for ours in TYPED}:
            counts = dict(by_name[theirs].values)
            for word, said in told.items():
                yield WordRow(0, theirs, word, counts.get(word, 0), _several(said), True)


def _several(said: Mapping[str, str]) -> str:
    """Write what a word says in several of our columns: `kind=contact, reason=fault`."""
    return ", ".join(f"{name}={value}" for name, value in said.items())


def _others(mapped: Mapped, names: Sequence[str]) -> list[str]:
    return [name for name in mapped.constants if name not in names]


def _pairs(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, ours in given.items():
        if name.startswith("column-") and ours:
            yield str(ours), str(given.get(f"theirs-{name[7:]}", ""))


def _formats(given: Mapping[str, Any], before: Mapped, chosen: Mapping[str, str]) -> dict[str, str]:
    formats = {name: notation for name, notation in before.formats.items() if name in before.joined}
    for name, ours in given.items():
        number = name[7:]
        if name.startswith("column-") and ours:
            said = str(given.get(f"format-{number}", ""))
            same = before.columns.get(str(ours)) == given.get(f"theirs-{number}")
            notation = said if said or same else before.formats.get(str(ours), "")
            if notation and notation not in ("iso", "1234.56"):
                formats[str(ours)] = notation
    return {name: notation for name, notation in formats.items() if name in chosen or name in before.joined}


def _constants(given: Mapping[str, Any], before: Mapped) -> dict[str, str]:
    said = {name[9:]: str(value).strip() for name, value in given.items() if name.startswith("constant-")}
    return {name: value for name, value in {**before.constants, **said}.items() if value}


def _meanings(given: Mapping[str, Any], before: Mapped) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what words of theirs mean: one of ours in one column, or several at once."""
    values = {name: dict(told) for name, told in before.values.items()}
    sets = {name: dict(told) for name, told in before.sets.items()}
    for name in [name for name in given if name.startswith("word-")]:
        number = name[5:]
        where, word = str(given.get(f"where-{number}", "")), str(given[name])
        means = str(given.get(f"means-{number}", "")).strip()
        theirs = before.columns.get(where, where)
        values.get(where, {}).pop(word, None)
        sets.get(theirs, {}).pop(word, None)
        if "=" in means:
            parts = (part.partition("=") for part in means.split(","))
            sets.setdefault(theirs, {})[word] = {ours.strip(): value.strip() for ours, _, value in parts}
        elif means and means != word and where in before.columns:
            values.setdefault(where, {})[word] = means
    return {name: told for name, told in values.items() if told}, {name: told for name, told in sets.items() if told}
