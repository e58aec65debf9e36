"""Labelled files: texts with the answers that people gave, to measure against or to learn from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow

from valence.text.evaluation import asking


class CannotRead(ValueError):  # noqa: N818  it is said to people as "cannot read"
    """The file is not there, is no CSV or Parquet, or lacks a column. Says which."""


def read(*, file: Path, text: str, label: str, language: str = "") -> asking.Rows:
    """Return the texts, labels and (where a column is named) languages of a CSV (also .gz) or Parquet file.

    An empty text that a person labelled counts, as does an empty label; only rows with neither are left out.
    Raises CannotRead.
    """
    table = _table(file)
    missing = [name for name in (text, label, language) if name and name not in table.columns]
    if missing:
        known = ", ".join(str(name) for name in table.columns)
        raise CannotRead(f"{file.name} has no column {missing[0]!r}; its columns: {known}")
    blank = {name: table[name].astype(str).str.strip() == "" for name in (text, label)}
    if blank[text].all():
        raise CannotRead(f"{file.name} has no text in its column {text!r}")
    table = table[~(blank[text] & blank[label])]
    return asking.Rows(
        texts=tuple(table[text].astype(str)),
        labels=tuple(table[label].astype(str)),
        languages=tuple(table[language].astype(str)) if language else (),
    )


def texts(*, file: Path, text: str, language: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return all texts of a file in order, empty ones too, and their languages (() where no column is named).

    Raises CannotRead.
    """
    table = _table(file)
    for name in (text, language):
        if name and name not in table.columns:
            known = ", ".join(str(column) for column in table.columns)
            raise CannotRead(f"{file.name} has no column {name!r}; its columns: {known}")
    return tuple(table[text].astype(str)), tuple(table[language].astype(str)) if language else ()


def _table(file: Path) -> pd.DataFrame:
    if not file.is_file():
        raise CannotRead(f"There is no file {file}")
    try:
        if file.suffix == ".parquet":
            return pd.read_parquet(file).fillna("")
        return pd.read_csv(file, dtype=str, keep_default_na=False)
    except (ValueError, OSError, UnicodeError, pyarrow.ArrowException) as problem:
        raise CannotRead(f"{file.name} cannot be read as a table: {problem}") from None
