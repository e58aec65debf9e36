"""What a file that nobody described is: unpacked, laid out, profiled, and a whole mapping proposed for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from valence import organisation
from valence.customers import lookup
from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.sources import files, layouts, mapping, mapping_file, profiles, proposing, registry, translating, unpacking
from valence.sources.files import Layout, WrongFile
from valence.sources.kinds import excel
from valence.sources.mapping import Mapped
from valence.sources.notation import numbers, times
from valence.sources.profiles import Profile

KNOWN = {"customers": sorted(customer_intake.KNOWN), "interactions": interaction_intake.COLUMNS}
"""Our columns, by kind of record."""
ROWS = 10_000
UNPACKED = ".unpacked"


@dataclass(frozen=True)
class Parts:
    """What lies in a file, and which of it is meant: files of a zip file, sheets of a workbook."""

    files: tuple[str, ...] = ()
    sheets: tuple[str, ...] = ()
    file: str = ""
    sheet: str = ""


@dataclass(frozen=True)
class Seen:
    """What a look at a file found. `kind` is what lies inside; `saved` names the kept mapping for such files, or ""."""

    kind: str
    parts: Parts
    layout: Layout
    layout_words: tuple[str, ...]
    layout_sure: bool
    columns: tuple[str, ...]
    records: int
    profiles: tuple[Profile, ...]
    proposal: proposing.Proposal
    saved: str
    mapped: Mapped


def see(
    *,
    kind: str,
    path: Path,
    filename: str = "",
    record_kind: str = "",
    said: Layout | None = None,
    as_new: bool = False,
) -> Seen:
    """Return what a file is and a whole mapping for it: a kept one for such columns, else a proposal.

    said: parts of the layout that somebody chose; what is empty there is found out. as_new: look for no kept mapping.
    Raises WrongFile.
    """
    said = said or Layout(encoding="", delimiter="", header_line=0)
    with opened(path=path, part=said.part) as inside:
        kind = registry.kind_by_name(filename=inside.name) or kind
        found = _layout(kind, inside, said)
        source = registry.kind_of(name=kind)
        examined = source.examine(path=inside.path, layout=found.layout)
        rows = source.sample(path=inside.path, layout=found.layout, most=ROWS)
        sheets = excel.sheets(path=inside.path) if kind == "excel" else ()
    seen = profiles.of_columns(names=examined.columns, rows=rows, known=known_customers)
    zone = found.layout.zone or organisation.of(folder=settings.HOME.folder).time_zone
    proposal = proposing.propose(
        profiles=seen,
        layout=found.layout,
        filename=inside.name or filename or path.name,
        known=KNOWN,
        record_kind=record_kind,
        zone=zone,
    )
    saved = None if as_new else mapping_file.find(folder=settings.HOME.folder, columns=examined.columns)
    if saved and record_kind not in ("", saved.mapped.kind):
        saved = None  # somebody says that the file tells of something else
    return Seen(
        kind=kind,
        parts=Parts(inside.names, tuple(one.name for one in sheets), inside.name, found.layout.sheet),
        layout=found.layout,
        layout_words=(*found.words, *_left_out(sheets, found.layout)),
        layout_sure=found.sure,
        columns=examined.columns,
        records=examined.records,
        profiles=seen,
        proposal=proposal,
        saved=saved.name if saved else "",
        mapped=saved.mapped if saved else proposal.mapped,
    )


@contextmanager
def opened(*, path: Path, part: str = "") -> Iterator[unpacking.Part]:
    """Give the file itself, or what lies inside it, unpacked for as long as it is needed. Raises WrongFile."""
    check_there(path=path)
    with unpacking.opened(path=path, folder=settings.HOME.folder / UNPACKED, part=part) as inside:
        yield inside


def check_there(*, path: Path) -> None:
    """Raise WrongFile where there is no such file."""
    if path.is_dir():
        raise WrongFile(f"{path.name} is a folder, not a file.")
    if not path.is_file():
        raise WrongFile(f"There is no file {path.name}.")


def keeps_to_contract(*, examined: files.Examined, record_kind: str) -> bool:
    """Return whether a file names its columns as the data contract does, and its first values are written so too."""
    if not mapping.is_contract(columns=examined.columns, record_kind=record_kind):
        return False
    columns = dict(zip(examined.columns, zip(*examined.first, strict=False), strict=False))
    return not any(_is_foreign(name, value) for name, column in columns.items() for value in column)


def _is_foreign(name: str, value: Any) -> bool:
    """Return whether a value is a time or a number, but not as the data contract writes it."""
    if not isinstance(value, str) or not value.strip():
        return False
    if name in translating.TIMES:
        found = times.decide(values=[value.strip()])
        return found is not None and found.notation != times.ISO
    if name in translating.NUMBERS:
        found_number = numbers.decide(values=[value.strip()])
        return found_number is not None and numbers.PLAIN not in found_number.alike
    return False


def known_customers(words: Collection[str]) -> frozenset[str]:
    """Return which of some words are ids of customers who are known already."""
    return frozenset(lookup.keys_of(customer_ids=[word for word in words if len(word) <= 200]))


def text_of(*, seen: Seen) -> str:
    """Return the mapping of a look as the text of its file, with examples and how sure each column is."""
    by_name = {one.name: one for one in seen.profiles}
    notes = {}
    for ours, guess in seen.proposal.guesses.items():
        if seen.mapped.columns.get(ours) == guess.theirs:
            examples = " · ".join(value[:30] for value in by_name[guess.theirs].examples)
            notes[ours] = f"{guess.confidence:.0%} sure, by {guess.why or 'its name'}: {examples}".replace("\n", " ")
    questions = [one.words for one in seen.proposal.questions] if not seen.saved else []
    return mapping_file.written(mapped=seen.mapped, notes=notes, questions=questions)


def _layout(kind: str, inside: unpacking.Part, said: Layout) -> layouts.Found:
    if kind == "csv":
        _refuse_no_lines(inside.path)
        found = layouts.find(path=inside.path)
    else:
        found = layouts.Found(Layout(sheet=_likeliest(inside.path) if kind == "excel" else ""), sure=True, words=())
    part = said.part or (unpacking.pattern(name=inside.name) if len(inside.names) > 1 else "")
    chosen = {name: value for name, value in msgspec.structs.asdict(said).items() if value}
    return layouts.Found(msgspec.structs.replace(found.layout, **{"part": part} | chosen), found.sure, found.words)


def _refuse_no_lines(path: Path) -> None:
    """Raise WrongFile for what is empty, of another kind, or one endless line, without reading all of it."""
    with path.open("rb") as file:
        start = file.read(layouts.LONGEST + 1)
    if not start:
        raise WrongFile("The file is empty.")
    files.refuse_other_kinds(start=start)
    if len(start) > layouts.LONGEST and b"\n" not in start and b"\r" not in start:
        raise WrongFile(f"Line 1 is longer than {layouts.LONGEST:,} characters: it is not CSV.")


def _left_out(there: tuple[excel.Sheet, ...], layout: Layout) -> tuple[str, ...]:
    """Say which sheets of a workbook are not read with the one that is meant, so that nobody misses them."""
    meant = [one.name for one in excel.chosen(there=there, layout=layout)] if there else []
    others = [f"{one.name} ({one.rows:,} rows)" for one in there if one.name not in meant]
    if not others:
        return ()
    return (f"Sheet {', '.join(meant)} is read here. Others are to be read by themselves: {', '.join(others)}.",)


def _likeliest(path: Path) -> str:
    """Return the sheet with most rows; where others have the same columns, all of them."""
    there = excel.sheets(path=path)
    if not there:
        raise WrongFile("No sheet of the workbook holds a table.")
    most = max(there, key=lambda one: one.rows)
    alike = [one for one in there if one.columns == most.columns]
    if len(alike) == len(there) > 1:
        return excel.EVERY
    return excel.BAR.join(one.name for one in alike)
