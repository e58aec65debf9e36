"""What a word that no pack knows means here, written as lines of an overlay: plain text in, plain text out."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from valence.packs.pack import PackError, Role, Sign, capital, plain_word, spaced

TABLES = {"kind": "kinds", "facts": "facts", "department": "departments"}
# An expert's first guess of one such fact, just after: one in five more likely to leave, or one in ten less.
WEIGHTS = {Sign.HARM: 0.2, Sign.PRAISE: -0.1, Sign.FREE: 0.0}


class Sense(StrEnum):
    """What a word can mean: another name of a known word, or a word of the company's own."""

    SAME = "same"
    OWN = "own"
    HARM = "harm"
    PRAISE = "praise"
    SIGNAL = "signal"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Meaning:
    """What one word means. column: kind, facts or department; `known`: for SAME, the pack's word."""

    column: str
    word: str
    sense: Sense
    known: str = ""


def decided(*, text: str) -> frozenset[tuple[str, str]]:
    """Return column and word of everything that an overlay's text already names. Raises PackError for no TOML."""
    table = _parsed(text)
    aliases = table.get("aliases", {})
    return frozenset(
        (column, plain_word(word))
        for column, name in TABLES.items()
        for part in (table.get(name, {}), aliases.get(name, {}))
        for word in part
    )


def added(*, text: str, meanings: Sequence[Meaning]) -> str:
    """Return an overlay's text with more meanings in it; what stood there stays as it was written, comments too.

    Raises PackError for a text that is no TOML. Words that it already names are left as they are.
    """
    known = decided(text=text)
    lines = text.splitlines()
    for meaning in meanings:
        if (meaning.column, plain_word(meaning.word)) in known:
            continue
        table, line = _word(meaning)
        lines = _in_table(lines, table=table, line=line)
        lines += _mark(meaning)
    return "\n".join(lines).strip("\n") + "\n" if lines else ""


def _word(meaning: Meaning) -> tuple[str, str]:
    """Return the table and the line that make a word known."""
    name, plain = TABLES[meaning.column], _quoted(plain_word(meaning.word))
    if meaning.sense is Sense.SAME:
        return f"aliases.{name}", f"{plain} = {_quoted(meaning.known)}"
    label, phrase = _quoted(capital(meaning.word)), _quoted(spaced(meaning.word).lower())
    return name, f"{plain} = {{ label = {label}, phrase = {phrase} }}"


def _mark(meaning: Meaning) -> Iterable[str]:
    """Return the lines of the mark by which an own word counts. Departments are blamed without one."""
    if meaning.sense in {Sense.SAME, Sense.NOTHING} or meaning.column == "department":
        return ()
    sign = {Sense.HARM: Sign.HARM, Sense.PRAISE: Sign.PRAISE}.get(meaning.sense, Sign.FREE)
    plain = plain_word(meaning.word)
    role = (f'role = "{Role.SIGNAL}"',) if meaning.sense is Sense.SIGNAL else ()
    return (
        "",
        "[[marks]]",
        f"name = {_quoted(f'own_{meaning.column}_{plain}')}",
        f"words = {_quoted(spaced(meaning.word).lower())}",
        f"when = {{ {meaning.column} = [{_quoted(plain)}] }}",
        *role,
        f'sign = "{sign}"',
        f"weight = {WEIGHTS[sign]}",
    )


def _in_table(lines: list[str], *, table: str, line: str) -> list[str]:
    """Return the lines with one more in a table, which is begun at the end where there is none."""
    heads = [at for at, one in enumerate(lines) if one.split("#")[0].replace(" ", "").strip() == f"[{table}]"]
    if heads:
        return [*lines[: heads[0] + 1], line, *lines[heads[0] + 1 :]]
    return [*lines, *([""] if lines else []), f"[{table}]", line]


def _quoted(word: str) -> str:
    """Return a word as a TOML string; the escapes of JSON are among those of TOML."""
    return json.dumps(word, ensure_ascii=False).replace("\x7f", "\\u007f")


def _parsed(text: str) -> dict[str, dict[str, dict[str, object]]]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise PackError(f"the draft is no TOML: {problem}") from problem
