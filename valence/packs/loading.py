"""Reading a pack and laying the analyst's overlay over it."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from valence.packs import checking
from valence.packs.pack import Pack, PackError

FOLDER = Path(__file__).parent
LARGEST_BYTES = 1_000_000

Table = dict[str, Any]


def names() -> tuple[str, ...]:
    """Return the names of the packs that there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def load(*, name: str = "telco", overlay: Path | None = None) -> Pack:
    """Return the pack of this name with the overlay's changes, if that file exists.

    Raises PackError, which names the file, the line and the field that is wrong; nothing is half loaded.
    """
    path = FOLDER / f"{name}.toml"
    if not name.isidentifier() or not path.is_file():
        raise PackError(f"there is no pack named {name!r}")
    source = checking.Source(name=path.name, text=_text_of(path))
    pack = checking.pack_of(table=_parsed(source), source=source)
    if overlay is None or not overlay.is_file():
        return pack
    return _laid_over(table=_parsed(source), overlay=overlay)


def _laid_over(*, table: Table, overlay: Path) -> Pack:
    source = checking.Source(name=overlay.name, text=_text_of(overlay))
    changes = _parsed(source)
    checking.refuse_unknown(changes, known=checking.TOP_FIELDS, where="the top level", source=source)
    digest = hashlib.sha256(source.text.encode()).hexdigest()[:6]
    merged = merge(table=table, changes=changes, source=source)
    merged["version"] = f"{table['version']}+{digest}"
    return checking.pack_of(table=merged, source=source)


def merge(*, table: Table, changes: Table, source: checking.Source) -> Table:
    """Return the pack's table with the overlay's changes in it.

    Words and aliases: added or changed by their key; `remove = true` (or an alias to "") takes one out.
    Marks and links: by `name`; pairs: by their two families. Fields not given stay; `remove = true` takes one out.
    """
    merged: Table = dict(table)
    for part in ("kinds", "departments", "channels", "facts", "stages"):
        merged[part] = _merged_words(table.get(part, {}), changes.get(part, {}), part=part, source=source)
    merged["aliases"] = _merged_aliases(table.get("aliases", {}), changes.get("aliases", {}), source=source)
    merged["signals"] = {**table.get("signals", {}), **_a_table(changes.get("signals", {}), "signals", source)}
    for part in ("marks", "pairs", "links"):
        merged[part] = _merged_list(table.get(part, []), changes.get(part, []), part=part, source=source)
    return merged


def _merged_words(old: Table, new: Any, *, part: str, source: checking.Source) -> Table:
    merged = dict(old)
    for word, fields in _a_table(new, part, source).items():
        given = _a_table(fields, f"{part}.{word}", source)
        if given.get("remove") is True:
            merged.pop(word, None)
        else:
            merged[word] = {**merged.get(word, {}), **given}
    return merged


def _merged_aliases(old: Table, new: Any, *, source: checking.Source) -> Table:
    merged = dict(old)
    for column, words in _a_table(new, "aliases", source).items():
        both = {**merged.get(column, {}), **_a_table(words, f"aliases.{column}", source)}
        merged[column] = {alias: word for alias, word in both.items() if word != ""}
    return merged


def _merged_list(old: list[Table], new: Any, *, part: str, source: checking.Source) -> list[Table]:
    if not isinstance(new, list):
        raise source.error(part, f"write [[{part}]], a list of tables")
    merged = {_identity(item): item for item in old}
    for item in new:
        identity = _identity(_a_table(item, part, source))
        if not identity:
            raise source.error(part, "families are missing" if part == "pairs" else "name is missing")
        if item.get("remove") is True:
            if merged.pop(identity, None) is None:
                raise source.error(identity, f"cannot remove: no such entry of {part}")
        else:
            merged[identity] = {**merged.get(identity, {}), **item}
    return list(merged.values())


def _identity(item: Mapping[str, Any]) -> str:
    families = item.get("families")
    if isinstance(families, list):
        return " x ".join(sorted(str(family) for family in families))
    return str(item.get("name", ""))


def _a_table(value: Any, where: str, source: checking.Source) -> Table:
    if not isinstance(value, dict):
        raise source.error(where, "must be a table")
    return value


def _text_of(path: Path) -> str:
    if path.stat().st_size > LARGEST_BYTES:
        raise PackError(f"{path.name}: larger than {LARGEST_BYTES} bytes")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise PackError(f"{path.name}: not UTF-8 text (byte {problem.start})") from problem


def _parsed(source: checking.Source) -> Table:
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as problem:
        raise PackError(f"{source.name}: {problem}") from problem
