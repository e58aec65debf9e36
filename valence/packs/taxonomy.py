"""Themes of an industry as data: labels, keywords, examples in several languages, and sentences with known answers.

`packs/<industry>/themes.toml` holds the themes, `packs/<industry>/seeds/<language>.tsv` the sentences. An analyst's
overlay (the same form) adds, changes or removes themes; it is checked like the pack.
"""

from __future__ import annotations

import csv
import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from valence.packs import checking
from valence.packs.pack import PackError

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "de", "fr", "es", "ar")
LARGEST_BYTES = 1_000_000
TONES = frozenset({"positive", "negative", "neutral", "mixed"})
INTENTS = frozenset(
    ["request", "complaint", "praise", "question", "leaving", "urgent", "promise", "score_plea", "competitor"]
)
_TOP = frozenset({"name", "version", "label", "themes", "competitors"})
_THEME = frozenset(["label", "description", "also", "department", "rest", "remove", "keywords", "hints", "examples"])

Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Theme:
    """What customers talk about. Words by language: `keywords` name it surely, `hints` only together or with more.

    A keyword is a word or a phrase; a star at its end or beginning stands for any letters. `also`: what other people's
    labels call it. `rest`: said of a text that touches no other theme. `department`: who is responsible, "" if nobody.
    """

    name: str
    label: str
    description: str
    keywords: Words
    hints: Words
    examples: Words
    also: tuple[str, ...] = ()
    department: str = ""
    rest: bool = False


@dataclass(frozen=True)
class Taxonomy:
    """The themes of an industry with the analyst's changes. `version` names both, as in "1+3fa9c2".

    `competitors`: names as customers write them.
    """

    name: str
    version: str
    label: str
    themes: tuple[Theme, ...]
    competitors: tuple[str, ...] = ()

    def theme(self, *, name: str) -> Theme | None:
        """Return the theme of this name, or the one whom others' labels call so."""
        plain = name.strip().lower()
        for theme in self.themes:
            if plain == theme.name or plain in theme.also:
                return theme
        return None


@dataclass(frozen=True)
class Seed:
    """A sentence written for learning, with its answers: tone by theme, tone of the whole, intents."""

    text: str
    language: str
    themes: Mapping[str, str] = field(default_factory=dict)
    tone: str = "neutral"
    intents: tuple[str, ...] = ()


def industries() -> tuple[str, ...]:
    """Return the names of the industries that have themes."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/themes.toml")))


def load(*, name: str, overlay: Path | None = None) -> Taxonomy:
    """Return the themes of an industry with the overlay's changes, if that file exists.

    Raises PackError, which names the file, the line and the field that is wrong; nothing is half loaded.
    """
    path = FOLDER / name / "themes.toml"
    if not name.isidentifier() or not path.is_file():
        raise PackError(f"there are no themes for {name!r}; there are {', '.join(industries())}")
    source = checking.Source(name=f"{name}/themes.toml", text=path.read_text(encoding="utf-8"))
    table = _parsed(source)
    if overlay is not None and overlay.is_file():
        return _laid_over(table=table, overlay=overlay)
    return taxonomy_of(table=table, source=source)


def taxonomy_of(*, table: Mapping[str, Any], source: checking.Source) -> Taxonomy:
    """Return the Taxonomy that a parsed table describes; raises PackError."""
    checking.refuse_unknown(table, known=_TOP, where="the top level", source=source)
    themes = tuple(_theme(name, item, source) for name, item in table.get("themes", {}).items())
    if not themes:
        raise source.error("themes", "there must be at least one theme")
    if sum(theme.rest for theme in themes) > 1:
        raise source.error("rest", "only one theme can be the rest")
    return Taxonomy(
        name=str(table.get("name", "")),
        version=str(table.get("version", "1")),
        label=str(table.get("label", "")),
        themes=themes,
        competitors=_list(table, "competitors", "the top level", source),
    )


def seeds(*, name: str) -> tuple[Seed, ...]:
    """Return the sentences of an industry, all languages; raises PackError where one names what is not there."""
    themes = {theme.name for theme in load(name=name).themes}
    return tuple(seed for path in sorted((FOLDER / name / "seeds").glob("*.tsv")) for seed in _seeds(path, themes))


def _laid_over(*, table: Mapping[str, Any], overlay: Path) -> Taxonomy:
    if overlay.stat().st_size > LARGEST_BYTES:
        raise PackError(f"{overlay.name}: larger than {LARGEST_BYTES:,} bytes")
    source = checking.Source(name=overlay.name, text=overlay.read_text(encoding="utf-8"))
    changes = _parsed(source)
    checking.refuse_unknown(changes, known=_TOP, where="the top level", source=source)
    merged = {name: dict(theme) for name, theme in table["themes"].items()}
    for name, given in changes.get("themes", {}).items():
        checking.refuse_unknown(given, known=_THEME, where=f"theme {name}", source=source)
        if given.get("remove") is True:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name, {}), given)
    competitors = [*table.get("competitors", []), *changes.get("competitors", [])]
    digest = hashlib.sha256(source.text.encode()).hexdigest()[:6]
    both = {**table, "themes": merged, "competitors": competitors, "version": f"{table['version']}+{digest}"}
    return taxonomy_of(table=both, source=source)


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return a theme with changes: words of a language that the overlay gives stand in place of the pack's."""
    merged = {**old, **new}
    for part in ("keywords", "hints", "examples"):
        merged[part] = {**old.get(part, {}), **new.get(part, {})}
    return merged


def _theme(name: str, item: Any, source: checking.Source) -> Theme:
    checking.refuse_unknown(item, known=_THEME, where=f"theme {name}", source=source)
    if not name.isidentifier() or not name.islower():
        raise source.error(name, "a theme's name is small letters and underscores")
    label = item.get("label")
    if not isinstance(label, str) or not label.strip():
        raise source.error(name, "label is missing or empty")
    return Theme(
        name=name,
        label=label,
        description=str(item.get("description", "")),
        keywords=_by_language(item, "keywords", name, source),
        hints=_by_language(item, "hints", name, source),
        examples=_by_language(item, "examples", name, source),
        also=tuple(word.lower() for word in _list(item, "also", name, source)),
        department=str(item.get("department", "")),
        rest=item.get("rest", False) is True,
    )


def _by_language(item: Mapping[str, Any], part: str, name: str, source: checking.Source) -> Words:
    table = item.get(part, {})
    if not isinstance(table, Mapping):
        raise source.error(name, f"{part} must be a table of languages")
    for language in table:
        if not (len(language) == 2 and language.isalpha() and language.islower()):
            raise source.error(name, f"{part}: {language!r} is not a language of two letters")
    return {language: _list(table, language, name, source) for language in table}


def _list(item: Mapping[str, Any], part: str, name: str, source: checking.Source) -> tuple[str, ...]:
    value = item.get(part, [])
    if not isinstance(value, list) or not all(isinstance(word, str) and word.strip(" *") for word in value):
        raise source.error(name, f"{part} must be a list of words")
    return tuple(value)


def _parsed(source: checking.Source) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as problem:
        raise PackError(f"{source.name}: {problem}") from None


def _seeds(path: Path, themes: set[str]) -> Iterator[Seed]:
    """Read a table of text, themes as `food:positive|price:negative`, tone, intents as `complaint|request`."""
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), start=1):
            if not row or row[0].startswith("#"):
                continue
            text, marked, tone, intents = (*row, "", "", "")[:4]
            about = dict(each.partition(":")[::2] for each in marked.split("|") if each)
            wished = tuple(each for each in intents.split("|") if each)
            wrong = {*about} - themes or {*about.values(), tone} - TONES or {*wished} - INTENTS
            if wrong:
                raise PackError(f"{path.parent.parent.name}/seeds/{path.name} line {number}: unknown: {wrong.pop()!r}")
            yield Seed(text=text, language=path.stem, themes=about, tone=tone, intents=wished)
