"""valence text digest [FILE]: what many comments say, in counts and real quotes, of a file or of this home."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType

from valence.flows.read import annotate, labelled, summing, wording
from valence.ledger.queries.readings import Asked
from valence.management import command, figures
from valence.terms import EVERYTHING
from valence.text import digest as digests
from valence.text import encoders, pipeline

LONGEST = 110


def add_options(acts: Any) -> None:
    """Add the act and its options."""
    parser = acts.add_parser("digest", help="what comments say, in counts and quotes; of a file, or of this home")
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE")
    parser.add_argument("--text-column", default="", metavar="COLUMN", help="of the file")
    parser.add_argument("--language-column", default="", metavar="COLUMN")
    parser.add_argument("--pack", default="", metavar="NAME", help="the industry whose themes are meant")
    parser.add_argument("--path", choices=("fast", "precise"), default="fast")
    for name in ("theme", "tone", "department", "location"):
        parser.add_argument(f"--{name}", default="", metavar="NAME")
    parser.add_argument("--days", type=int, default=90, metavar="N", help="of this home: the last N days")
    parser.add_argument("--by-model", action="store_true", help="have it worded by the language model that is set")
    parser.add_argument("--format", choices=["text", "json"], default="text", help="json: one JSON object")


def of_home(*, options: Mapping[str, Any], now: datetime) -> command.Outcome:
    """Say what the comments of this home say."""
    asked = Asked(
        since=now - timedelta(days=options["days"]),
        until=now,
        theme=options["theme"],
        tone=options["tone"],
        department=options["department"],
        location_id=options["location"],
    )
    told = summing.look(scope=EVERYTHING, asked=asked)
    if not told.is_told:
        raise command.WrongUse("Fewer than five customers wrote this: nothing is summed up of them")
    return _outcome(told.digest, [], options)


def of_file(*, options: Mapping[str, Any], place: Any, pack: str, now: datetime) -> command.Outcome:
    """Say what the texts of a file say, and a table of its themes with the text that stands for each."""
    if not options["text_column"]:
        raise command.WrongUse("Name the column of texts: --text-column")
    texts, hints = labelled.texts(
        file=options["file"], text=options["text_column"], language=options["language_column"]
    )
    reader = annotate.reader(place=place, pack=pack, path=options["path"])
    read = list(pipeline.annotate(texts=texts, using=reader, now=now, hints=hints))
    themes = _by_theme(read, reader)
    kept = [one for one in read if _is_meant(one, options)]
    digest = summing.of_texts(
        texts=[one.text for one in kept],
        feelings=[_feeling(one, options["theme"]) for one in kept],
        languages=[one.annotation.language.code for one in kept],
        encoder=reader.encoders[0],
    )
    return _outcome(digest, themes, options)


def _is_meant(one: pipeline.Read, options: Mapping[str, Any]) -> bool:
    names = {theme.name for theme in one.annotation.themes}
    fits = not options["theme"] or options["theme"] in names
    return fits and options["tone"] in ("", _feeling(one, options["theme"]))


def _feeling(one: pipeline.Read, theme: str) -> str:
    told = [found.tone.feeling.value for found in one.annotation.themes if found.name == theme]
    return told[0] if told else one.annotation.tone.feeling.value


def _by_theme(read: list[pipeline.Read], reader: pipeline.Reader) -> list[dict[str, Any]]:
    """Return, for every theme, how many texts touch it, how many badly, and the texts that stand for it."""
    rows: list[dict[str, Any]] = []
    for theme in reader.taxonomy.themes:
        own = [one for one in read if any(found.name == theme.name for found in one.annotation.themes)]
        if own:
            moods = [_feeling(one, theme.name) for one in own]
            told = summing.of_texts(
                texts=[one.text for one in own], feelings=moods, languages=[""] * len(own), encoder=reader.encoders[0]
            )
            rows.append(
                {
                    "theme": theme.name,
                    "texts": len(own),
                    "share": round(len(own) / len(read), 4),
                    "negative": moods.count("negative"),
                    "positive": moods.count("positive"),
                    "quotes": [quote.text for quote in told.quotes[:3]],
                }
            )
    none = sum(not one.annotation.themes for one in read)
    rows.sort(key=lambda row: -row["texts"])
    return [*rows, {"theme": "", "texts": none, "share": round(none / max(len(read), 1), 4), "quotes": []}]


def _outcome(digest: digests.Digest, themes: list[dict[str, Any]], options: Mapping[str, Any]) -> command.Outcome:
    worded = _worded(digest, options) if options["by_model"] else None
    answer = {"texts": digest.number, "themes": themes, **plain(digest), **({"worded": worded} if worded else {})}
    return command.Outcome(answer=answer, words=_shown(digest, themes, worded))


def plain(digest: digests.Digest) -> dict[str, Any]:
    """Return a digest as plain values: every line with the ids of what it was counted from."""
    return {
        "tones": {feeling.value: number for feeling, number in digest.feelings},
        "groups": [
            {
                "words": list(group.words),
                "says": group.line.words,
                "sources": list(group.sources),
                "quotes": [{"id": one.id, "text": one.text} for one in group.quotes],
            }
            for group in digest.groups
        ],
        "quotes": [{"id": one.id, "text": one.text} for one in digest.quotes],
        "left": digest.left,
    }


def _worded(digest: digests.Digest, options: Mapping[str, Any]) -> dict[str, Any]:
    model = wording.plugged_in()
    if model is None:
        raise command.WrongUse("No language model is set: VALENCE_LLM_URL")
    about = ", ".join(filter(None, (options["theme"], options["department"], options["location"]))) or "all"
    try:
        told = wording.worded(digest=digest, about=about, model=model, encoder=encoders.load(kind=summing.ENCODER))
    except wording.CannotWord as problem:
        raise command.WrongUse(str(problem)) from None
    return {
        "model": model.name,
        "claims": [{"text": one.text, "quotes": [quote.id for quote in one.quotes]} for one in told.claims],
        "dropped": dict(told.dropped),
    }


def _shown(digest: digests.Digest, themes: list[dict[str, Any]], worded: dict[str, Any] | None) -> RenderableType:
    parts: list[RenderableType] = [f"{digest.number:,} texts; {digest.left:,} are like no group."]
    if themes:
        lines = [
            (row["theme"] or "none told", row["texts"], row["share"], row.get("negative", ""), row.get("positive", ""),
             (row["quotes"] or [""])[0][:LONGEST])
            for row in themes
        ]  # fmt: skip
        headings = ("theme", "texts", "share", "negative", "positive", "stands for them")
        parts.append(figures.table(headings=headings, rows=lines))
    if worded:
        parts += [f"{one['text']} [{', '.join(one['quotes'])}]" for one in worded["claims"]]
        parts.append(f"By {worded['model']}; dropped: {sum(worded['dropped'].values())}.")
    for group in digest.groups:
        parts.append(f"\n{', '.join(group.words) or 'alike in meaning'}: {group.line.words}")
        parts += [f"  [{one.id}] {one.text[:LONGEST]}" for one in group.quotes]
    return Group(*parts)
