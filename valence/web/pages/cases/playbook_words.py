"""A playbook as it is written in a form, and read back: a line a step, a line a gesture, letters as TOML."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Any

from valence.cases import playbook
from valence.cases.playbook import Playbook, WrongPlaybook

BETWEEN = " | "
OWED = "owed"
LONGEST = 40_000


def form_of(*, book: Playbook) -> dict[str, str]:
    """Return a playbook as the fields of a form."""
    return {
        "title": book.title,
        "text": book.text,
        "quiet_days": str(book.quiet_days),
        "steps": "\n".join(_step(one) for one in book.steps),
        "gestures": "\n".join(_gesture(one) for one in book.gestures),
        "letters": _letters(playbook.table_of(playbook=book)["letters"]),
    }


def read(*, name: str, form: Mapping[str, str]) -> Playbook:
    """Return the playbook that a form says. Raises WrongPlaybook."""
    if any(len(value) > LONGEST for value in form.values()):
        raise WrongPlaybook(f"Write at most {LONGEST:,} letters in each field.")
    quiet = form.get("quiet_days", "").strip()
    table: dict[str, Any] = {
        "name": name,
        "title": form.get("title", "").strip(),
        "text": form.get("text", "").replace("\r\n", "\n").strip(),
        "quiet_days": int(quiet) if quiet.isdecimal() else 0,
        "steps": [_read_step(line) for line in _lines(form.get("steps", ""))],
        "gestures": [_read_gesture(line) for line in _lines(form.get("gestures", ""))],
        "letters": _read_letters(form.get("letters", "")),
    }
    return playbook.made(table=table)


def _step(one: playbook.Step) -> str:
    said = [one.words, one.detail, one.act, OWED if one.owed else ""]
    return BETWEEN.join(said).rstrip(" |")


def _gesture(one: playbook.Gesture) -> str:
    return BETWEEN.join([one.name, one.words, f"{one.most:g}", OWED if one.owed else ""]).rstrip(" |")


def _read_step(line: str) -> dict[str, Any]:
    words, detail, act, owed = _four(line)
    return {"words": words, "detail": detail, "act": act, "owed": owed}


def _read_gesture(line: str) -> dict[str, Any]:
    name, words, most, owed = _four(line)
    try:
        amount = float(most.replace(",", ".") or 0)
    except ValueError:
        raise WrongPlaybook(f"gestures: “{most[:20]}” is no amount of money.") from None
    return {"name": name, "words": words, "most": amount, "owed": owed}


def _four(line: str) -> tuple[str, str, str, bool]:
    parts = [part.strip() for part in line.split("|")]
    owed = parts[-1].lower() == OWED
    parts = [*(parts[:-1] if owed else parts), "", "", ""][:3]
    return parts[0], parts[1], parts[2], owed


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _letters(letters: Mapping[str, Mapping[str, list[str]]]) -> str:
    parts = []
    for language, said in letters.items():
        lines = [f"{name} = {json.dumps(values, ensure_ascii=False, indent=2)}" for name, values in said.items()]
        parts.append("\n".join([f"[{language}]", *lines]))
    return "\n\n".join(parts)


def _read_letters(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        where = str(wrong)[:120] if isinstance(wrong, tomllib.TOMLDecodeError) else "too deep"
        raise WrongPlaybook(f"letters: this is not TOML: {where}.") from None
