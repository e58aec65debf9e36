"""Changes to the themes: drafted theme by theme, tried on what customers wrote, and only then switched on."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from valence.flows.read import reading, reading_changes
from valence.packs import PackError, taxonomy
from valence.people import audit
from valence.terms import EVERYTHING
from valence.text import pipeline, scoring

LONGEST = 200_000
PARTS = ("keywords", "hints", "examples")
HEAD = "# Changes to the themes of the pack: docs/text.md, Themes and packs.\n"


class WrongTheme(ValueError):  # noqa: N818  said to people as it is
    """A change that cannot be taken. Says what to change."""


@dataclass(frozen=True)
class Draft:
    """Changes that are not switched on. `themes`: with them; `problem`: why they cannot be read, "" where they can.

    `changed`: the names of the themes that the draft says anything of; `differs`: from what is switched on.
    """

    themes: taxonomy.Taxonomy
    changed: tuple[str, ...]
    differs: bool
    problem: str = ""


@dataclass(frozen=True)
class Change:
    """What is said of one theme: words of each part by language. `is_removed`: it goes."""

    name: str
    label: str = ""
    description: str = ""
    department: str = ""
    words: Mapping[str, Mapping[str, Sequence[str]]] | None = None
    is_removed: bool = False


def read() -> Draft:
    """Return the draft; without one, what is switched on."""
    pack, file = reading.pack_name(), _file()
    overlay = reading.overlay_of(pack=pack)
    used = file if file.is_file() else overlay
    try:
        themes = taxonomy.load(name=pack, overlay=used)
    except PackError as problem:
        return Draft(taxonomy.load(name=pack), (), differs=True, problem=str(problem))
    changed = tuple(_table(used).get("themes", {}))
    return Draft(themes, changed, differs=file.is_file() and _table(file) != _table(overlay))


def put(*, change: Change) -> None:
    """Draft a change of one theme. Raises WrongTheme, with nothing drafted."""
    table = _table(_file() if _file().is_file() else reading.overlay_of(pack=reading.pack_name()))
    themes = {**table.get("themes", {}), change.name: _said(change)}
    text = written(table={**table, "themes": themes})
    if len(text) > LONGEST:
        raise WrongTheme(f"Changes have at most {LONGEST:,} characters.")
    _keep(text)


def drop() -> None:
    """Let go of the draft."""
    _file().unlink(missing_ok=True)


def switch_on(*, by: str, now: datetime) -> str:
    """Let the draft be what texts are read with from now on; return its version. Raises WrongTheme."""
    draft = read()
    if draft.problem or not draft.differs:
        raise WrongTheme(draft.problem or "Nothing was changed.")
    _file().replace(reading.overlay_of(pack=reading.pack_name()))
    audit.record(who=by, what="themes switched on", about=draft.themes.version, now=now)
    return draft.themes.version


def switch_off(*, by: str, now: datetime) -> bool:
    """Go back to the themes as they are shipped; say whether there were changes."""
    overlay = reading.overlay_of(pack=reading.pack_name())
    there = overlay.is_file()
    overlay.unlink(missing_ok=True)
    if there:
        audit.record(who=by, what="themes switched off", about=reading.pack_name(), now=now)
    return there


def would_change(*, draft: Draft) -> reading_changes.Changes:
    """Return what the draft would change in the latest texts that lie in store."""
    using = reading.reader()
    return reading_changes.between(
        before=using, after=_with(using, draft.themes), texts=reading_changes.sample(scope=EVERYTHING)
    )


def written(*, table: Mapping[str, Any]) -> str:
    """Return an overlay as TOML."""
    lines = [HEAD]
    if table.get("competitors"):
        lines.append(f"competitors = {_list(table['competitors'])}\n")
    for name, theme in table.get("themes", {}).items():
        lines.append(f"\n[themes.{name}]\n")
        plain = ((key, value) for key, value in theme.items() if not isinstance(value, Mapping))
        lines += [f"{key} = {_list(value) if isinstance(value, list) else _plain(value)}\n" for key, value in plain]
        for part in PARTS:
            if theme.get(part):
                lines.append(f"\n[themes.{name}.{part}]\n")
                lines += [f"{language} = {_list(words)}\n" for language, words in theme[part].items()]
    return "".join(lines)


def _with(using: pipeline.Reader, themes: taxonomy.Taxonomy) -> pipeline.Reader:
    """Return a reader with other themes; a head that learned other labels is no use then."""
    ruled = scoring.of(themes=themes, encoder=using.encoders[0])
    fits = using.themes is not None and set(using.themes.labels) == set(ruled.labels)
    return replace(using, taxonomy=themes, ruled=ruled, themes=using.themes if fits else None)


def _said(change: Change) -> dict[str, Any]:
    if not change.name.isidentifier() or not change.name.islower() or len(change.name) > 60:
        raise WrongTheme("A theme's name is small letters, digits and underscores, at most 60 of them.")
    if change.is_removed:
        return {"remove": True}
    if not change.label.strip():
        raise WrongTheme("Give the theme a label.")
    told = {"label": change.label.strip(), "description": change.description.strip()}
    words = {
        part: {language: list(dict.fromkeys(filter(None, map(str.strip, said)))) for language, said in each.items()}
        for part, each in (change.words or {}).items()
    }
    return {**told, "department": change.department.strip(), **words}


def _keep(text: str) -> None:
    """Keep a draft that can be read; else the one before stays."""
    file, tried = _file(), _file().with_suffix(".tried")
    file.parent.mkdir(parents=True, exist_ok=True)
    tried.write_text(text, encoding="utf-8")
    try:
        taxonomy.load(name=reading.pack_name(), overlay=tried)
    except PackError as problem:
        tried.unlink()
        raise WrongTheme(str(problem)) from None
    tried.replace(file)


def _file() -> Path:
    return reading.overlay_of(pack=reading.pack_name()).with_name("themes.draft.toml")


def _table(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError):
        return {}


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _list(words: Sequence[str]) -> str:
    return f"[{', '.join(map(_plain, words))}]"
