"""valence evaluate text FILE: how well texts are read, measured on a labelled file that anybody may bring."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Group, RenderableType

from valence.flows.read import labelled
from valence.management import command, figures
from valence.packs import taxonomy
from valence.text import evaluation as tasks
from valence.text.evaluation import asking

SUBJECT = "text"
HELP = "a CSV or Parquet file with a column of texts and one of labels"
FOLDS = 5


def add_options(*, parser: CommandParser) -> None:
    """Add the arguments of this subject."""
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--task", choices=sorted(tasks.TASKS), required=True, help="what the labels are about")
    parser.add_argument("--text-column", required=True, metavar="COLUMN")
    parser.add_argument("--label-column", required=True, metavar="COLUMN")
    parser.add_argument("--language-column", default="", metavar="COLUMN", help="the language of each text, if known")
    parser.add_argument("--pack", default="", metavar="NAME", help="the industry whose themes are meant")
    parser.add_argument("--train", type=Path, metavar="FILE", help="learn from this file, measure on the other")
    parser.add_argument(
        "--folds",
        type=int,
        default=0,
        metavar="K",
        help="learn from K-1 parts and measure on the one left out, K times",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--path", choices=asking.PATHS, default="fast")


def act(*, options: Mapping[str, Any], now: datetime, evaluation: command.Command) -> command.Outcome:
    """Read the file, let the task measure, say the figures."""
    if options["folds"] == 1 or options["folds"] < 0:
        raise command.WrongUse("--folds must be at least 2")
    if options["folds"] and options["train"]:
        raise command.WrongUse("--folds and --train are two ways to learn; give one of them")
    if options["pack"] and options["pack"] not in taxonomy.industries():
        raise command.WrongUse(f"There is no pack {options['pack']!r}; there are {', '.join(taxonomy.industries())}")
    try:
        with evaluation.bar() as progress:
            found = tasks.TASKS[options["task"]].figures(asked=_asked(options), progress=progress)
    except (labelled.CannotRead, asking.WrongLabels) as problem:
        raise command.WrongUse(str(problem)) from None
    answer = {"task": options["task"], "path": options["path"], "seed": options["seed"], **found}
    return command.Outcome(answer=answer, words=_words(answer))


def _asked(options: Mapping[str, Any]) -> asking.Asked:
    columns = {name: options[f"{name}_column"] for name in ("text", "label", "language")}
    train = options["train"]
    return asking.Asked(
        rows=labelled.read(file=options["file"], **columns),
        train=labelled.read(file=train, **columns) if train else None,
        folds=options["folds"],
        seed=options["seed"],
        path=options["path"],
        pack=options["pack"],
    )


def _words(answer: Mapping[str, Any]) -> RenderableType:
    """Say whatever the task measured: figures with their range, then each table of figures by label."""
    single = [(name.replace("_", " "), *_cells(value)) for name, value in answer.items() if not _is_table(value)]
    parts: list[RenderableType] = [figures.table(headings=("", "", "likely from", "to"), rows=single)]
    for name, value in answer.items():
        if _is_table(value):
            parts.append(_by_label(name.replace("_", " "), value))
    return Group(*parts)


def _by_label(name: str, rows: Mapping[str, Mapping[str, Any]]) -> RenderableType:
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    lines = [(label, *(_cells(row.get(column))[0] for column in columns)) for label, row in rows.items()]
    return figures.table(headings=(name, *(column.replace("_", " ") for column in columns)), rows=lines)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value) and all(isinstance(each, Mapping) for each in value.values())


def _cells(value: Any) -> tuple[Any, Any, Any]:
    if isinstance(value, Mapping) and "value" in value:
        return value["value"], value.get("low"), value.get("high")
    return (", ".join(str(each) for each in value) if isinstance(value, list | tuple) else value), None, None
