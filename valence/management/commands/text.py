"""valence text annotate FILE, valence text read, train, use, versions, back: reading comments."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import CommandParser
from rich.console import Group, RenderableType

from valence.flows.read import annotate, heads, labelled, reading_again, reading_changes, speaking, teaching
from valence.flows.run import jobs
from valence.management import command, figures, text_digests
from valence.packs import taxonomy
from valence.text import encoders, voice
from valence.text.evaluation import asking
from valence.text.heads import storing

SHOWN = 20


class Command(command.Command):
    """Read comments, and teach how they are read."""

    # A file is annotated without a home; what is learned is kept in one.
    opens_home: ClassVar[bool] = False

    help = (
        "annotate FILE: language, themes, tone and intents of every row, a JSON line each. "
        "read: read what lies in store and was never read, and again what other heads told. "
        "train: learn themes or tone from what people put right, or from a FILE of labelled texts. "
        "versions, use VERSION, back: which head is in use. "
        "digest [FILE]: what comments say, in counts and quotes. hear: make transcripts of recordings."
    )

    def add_options(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        for add in (_annotate_options, _train_options, _use_options, text_digests.add_options):
            add(acts)
        _format(acts.add_parser("read", help="read what lies in store, with progress"))
        _format(acts.add_parser("hear", help="make transcripts of the recordings that wait, and delete these"))
        for name, words in (("versions", "the heads that are kept"), ("back", "switch off what was switched on last")):
            _of_subject(acts.add_parser(name, help=words))

    def act(self, *, options: Mapping[str, Any], now: datetime) -> command.Outcome:
        if options.get("pack") and options["pack"] not in taxonomy.industries():
            raise command.WrongUse(
                f"There is no pack {options['pack']!r}; there are {', '.join(taxonomy.industries())}"
            )
        try:
            return _ACTS[options["act"]](self, options, now)
        except (
            teaching.TooFew,
            labelled.CannotRead,
            asking.WrongLabels,
            encoders.EncoderMissing,
            heads.NoSuchHead,
        ) as problem:
            raise command.WrongUse(str(problem)) from None
        except storing.CannotRead as problem:
            raise command.WrongUse(f"{problem}; valence text back goes to the head before") from None

    def _print(self, *, outcome: command.Outcome, as_json: bool) -> None:
        """Print rows as they are read, a JSON line each; all else as every command does."""
        rows = outcome.answer.get("rows")
        if not (as_json and isinstance(rows, Iterator)):
            super()._print(outcome=outcome, as_json=as_json)
            return
        for row in rows:
            self.stdout.write(command.said(answer=row))


def _annotate_options(acts: Any) -> None:
    parser = acts.add_parser("annotate", help="a CSV or Parquet file with a column of texts")
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--text-column", required=True, metavar="COLUMN")
    parser.add_argument("--language-column", default="", metavar="COLUMN", help="the language of each text, if known")
    parser.add_argument("--pack", default="", metavar="NAME", help="the industry whose themes are meant")
    parser.add_argument("--path", choices=asking.PATHS, default="fast")
    _format(parser)


def _train_options(acts: Any) -> None:
    parser = acts.add_parser("train", help="learn from what people put right, or from a file with texts and labels")
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="without one: what people put right")
    parser.add_argument("--text-column", default="", metavar="COLUMN")
    parser.add_argument("--label-column", default="", metavar="COLUMN", help="food|price, or negative")
    parser.add_argument("--language-column", default="", metavar="COLUMN")
    parser.add_argument("--path", choices=asking.PATHS, default="fast")
    parser.add_argument("--use", action="store_true", help="switch it on at once")
    _of_subject(parser)


def _use_options(acts: Any) -> None:
    parser = acts.add_parser("use", help="switch a version on")
    parser.add_argument("version", type=int, metavar="VERSION")
    _of_subject(parser)


def _of_subject(parser: Any) -> None:
    parser.add_argument("--task", choices=["themes", "tone"], default="themes")
    parser.add_argument("--pack", default="", metavar="NAME", help="the industry whose themes are meant")
    _format(parser)


def _format(parser: Any) -> None:
    # Also after the file: people write it there.
    parser.add_argument("--format", choices=["text", "json"], default="text", help="json: one JSON object, or lines")


def _annotate(asked: Command, options: Mapping[str, Any], now: datetime) -> command.Outcome:
    texts, languages = labelled.texts(
        file=options["file"], text=options["text_column"], language=options["language_column"]
    )
    reader = annotate.reader(place=_home(), pack=_pack(options), path=options["path"])
    read = annotate.rows(texts=texts, hints=languages, using=reader, now=now)
    if options["format"] == "json":
        return command.Outcome(answer={"rows": read}, words="")
    first = list(islice(read, SHOWN))
    return command.Outcome(answer={}, words=_shown(first, read, len(texts)))


def _train(asked: Command, options: Mapping[str, Any], now: datetime) -> command.Outcome:
    asked.open_home()
    if options["file"] is None:
        return _taught(asked, options, now)
    if not (options["text_column"] and options["label_column"]):
        raise command.WrongUse("Name the columns: --text-column and --label-column")
    rows = labelled.read(
        file=options["file"],
        text=options["text_column"],
        label=options["label_column"],
        language=options["language_column"],
    )
    subject = _subject(options)
    with asked.bar() as progress:
        made = heads.train(
            place=settings.HOME,
            subject=subject,
            rows=rows,
            pack=_pack(options),
            path=options["path"],
            source=options["file"].name,
            now=now,
            progress=progress,
        )
    if options["use"]:
        heads.use(place=settings.HOME, subject=subject, version=made.kept.version, now=now)
        _read_again(now)
    answer = {
        "subject": subject,
        "version": made.kept.version,
        "in_use": options["use"],
        "card": dict(made.kept.card),
        "changes": made.changes,
    }
    return command.Outcome(answer=answer, words=_trained(made, in_use=options["use"]))


def _taught(asked: Command, options: Mapping[str, Any], now: datetime) -> command.Outcome:
    """Learn from what people put right on the pages."""
    with asked.bar() as progress:
        made = teaching.teach(task=options["task"], now=now, progress=progress)
    version = made.kept.version
    if options["use"]:
        teaching.switch_on(task=options["task"], version=version, by=getpass.getuser(), now=now)
        _read_again(now)
    changes = reading_changes.as_kept(made.changes) if made.changes else None
    answer = {
        "subject": made.kept.subject,
        "version": version,
        "in_use": options["use"],
        "card": dict(made.kept.card),
        "changes": changes,
    }
    held = made.kept.card["held_out"]["macro_f1"]
    said = "in use" if options["use"] else f"not in use yet: valence text use {version} switches it on"
    lines = [
        f"Version {version} of {made.kept.subject} learned from {made.kept.card['learned_from']}; {said}.",
        f"On texts it had not seen: macro-F1 {figures.said(held['value'])} "
        f"(likely {figures.said(held['low'])} to {figures.said(held['high'])}).",
    ]
    if made.changes:
        lines.append(f"{made.changes.touched} of the latest {made.changes.texts} texts would be read otherwise.")
    return command.Outcome(answer=answer, words="\n".join(lines))


def _read(asked: Command, options: Mapping[str, Any], now: datetime) -> command.Outcome:
    asked.open_home()
    with asked.bar() as progress:
        new = reading_again.back_fill(now=now, progress=progress)
        again = reading_again.with_heads_in_use(now=now, progress=progress)
    return command.Outcome(
        answer={"read": new, "read_again": again},
        words=f"{new:,} texts read that never were, {again:,} read again with the heads in use.",
    )


def _read_again(now: datetime) -> None:
    """Have what lies in store read again by the server; `valence text read` does it at once."""
    jobs.enqueue(name="read_texts", by=getpass.getuser(), arguments={}, now=now)


def _use(asked: Command, options: Mapping[str, Any], now: datetime) -> command.Outcome:
    asked.open_home()
    kept = heads.use(place=settings.HOME, subject=_subject(options), version=options["version"], now=now)
    _read_again(now)
    return command.Outcome(
        answer={"subject": kept.subject, "version": kept.version, "in_use": True},
        words=f"Version {kept.version} of {kept.subject} is in use.",
    )


def _back(asked: Command, options: Mapping[str, Any], now: datetime) -> command.Outcome:
    asked.open_home()
    subject = _subject(options)
    version = heads.go_back(place=settings.HOME, subject=subject)
    _read_again(now)
    words = f"Version {version} of {subject} is in use." if version else f"{subject} is told as Valence came."
    return command.Outcome(answer={"subject": subject, "version": version}, words=words)


def _versions(asked: Command, options: Mapping[str, Any], now: datetime) -> command.Outcome:
    asked.open_home()
    found = heads.versions(place=settings.HOME)
    answer = [
        {"subject": one.subject, "version": one.version, "in_use": one.in_use, "card": dict(one.card)} for one in found
    ]
    rows = [(one.subject, one.version, one.in_use, one.card["n"], _value(one.card, "macro_f1")) for one in found]
    headings = ("", "version", "in use", "labelled texts", "macro-F1, held out")
    words = figures.table(headings=headings, rows=rows) if rows else "Nothing was learned here yet."
    return command.Outcome(answer={"heads": answer}, words=words)


def _digest(asked: Command, options: Mapping[str, Any], now: datetime) -> command.Outcome:
    if options["file"]:
        return text_digests.of_file(options=options, place=_home(), pack=_pack(options), now=now)
    asked.open_home()
    return text_digests.of_home(options=options, now=now)


def _hear(asked: Command, options: Mapping[str, Any], now: datetime) -> command.Outcome:
    asked.open_home()
    try:
        done = speaking.hear_all(now=now)
    except voice.CannotHear as problem:
        raise command.WrongUse(str(problem)) from None
    words = (
        f"{done.stored} stored, {done.silent} without words, {done.failed} not heard, {done.old} too old. {done.why}"
    )
    return command.Outcome(answer=asdict(done), words=words.strip())


_ACTS = {
    "annotate": _annotate, "read": _read, "train": _train, "use": _use, "back": _back, "versions": _versions,
    "digest": _digest, "hear": _hear,
}  # fmt: skip


def _home() -> Any:
    """Return the home to read heads from, None where there is none: a file is read without one."""
    return settings.HOME if settings.HOME.database.is_file() else None


def _pack(options: Mapping[str, Any]) -> str:
    named = options["pack"] or settings.ORGANISATION.pack
    return named if named in taxonomy.industries() else taxonomy.industries()[0]


def _subject(options: Mapping[str, Any]) -> str:
    return heads.TONE if options["task"] == "tone" else heads.subject_of_themes(pack=_pack(options))


def _value(card: Mapping[str, Any], name: str) -> float | None:
    value: float | None = card["held_out"][name]["value"]
    return value


def _shown(first: list[dict[str, Any]], rest: Iterable[dict[str, Any]], count: int) -> RenderableType:
    themes: Counter[str] = Counter()
    tones: Counter[str] = Counter()
    for row in (*first, *rest):
        themes.update(one["theme"] for one in row["themes"])
        tones[row["tone"]] += 1
    lines = [
        (row["text"][:70], row["language"], ", ".join(f"{one['theme']} ({one['tone']})" for one in row["themes"]),
         row["tone"], ", ".join(one["intent"] for one in row["intents"]))
        for row in first
    ]  # fmt: skip
    parts = [
        figures.table(headings=("text", "language", "themes", "tone", "intents"), rows=lines),
        figures.table(headings=("theme", "texts"), rows=themes.most_common()),
        figures.table(headings=("tone", "texts"), rows=tones.most_common()),
    ]
    return Group(f"{count:,} texts; the first {len(first)}:", *parts)


def _trained(made: heads.Trained, *, in_use: bool) -> RenderableType:
    card = made.kept.card
    held = card["held_out"]
    by_label = [(name, *row.values()) for name, row in held["labels"].items()]
    changes = [
        (label, one["now"], one["then"], (one["gained"] or one["lost"] or [""])[0][:70])
        for label, one in made.changes.items()
    ]
    figure = held["macro_f1"]
    said = "in use" if in_use else f"not in use yet: valence text use {made.kept.version} switches it on"
    return Group(
        f"Version {made.kept.version} of {made.kept.subject} learned from {card['n']:,} texts; {said}.",
        f"On texts it had not seen: macro-F1 {figures.said(figure['value'])} "
        f"(likely {figures.said(figure['low'])} to {figures.said(figure['high'])}).",
        figures.table(headings=("label", "given", "told", "precision", "recall", "F1"), rows=by_label),
        figures.table(headings=("what would change", "now", "then", "for example"), rows=changes),
    )
