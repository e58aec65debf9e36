"""Attributes: whatever the contract has no column for. What looks personal goes to the person's record instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import msgspec

from valence.intake.batch import Bad, Batch
from valence.terms import Refusal, Refused
from valence.text import redaction

LONGEST = 20_000
DEEPEST = 8
_ENCODE = msgspec.json.Encoder(order="sorted").encode


def gather(batch: Batch, *, known: Collection[str]) -> Batch:
    """Return the batch with one column `attributes` (JSON text, "" where empty), unknown columns included."""
    unknown = [name for name in batch.columns if name not in known]
    if not unknown and not any(batch.columns.get("attributes", ())):
        return batch.with_columns({"attributes": [""] * len(batch)})
    texts: list[str] = []
    refused: dict[int, Refused] = {}
    personal = dict(batch.personal)
    others = [batch.columns[name] for name in unknown]
    for position, sent in enumerate(batch.column("attributes")):
        try:
            values = _read(sent) | _said(unknown, (column[position] for column in others))
            kept, private = split(values)
            texts.append(_written(kept))
        except Bad as bad:
            texts.append("")
            refused |= batch.refusing(position, bad.reason, f"attributes: {bad.wrong}")
            continue
        if private:
            personal[position] = {**personal.get(position, {}), **private}
    kept_columns = {name: column for name, column in batch.columns.items() if name in known}
    kept_columns["attributes"] = texts
    gathered = replace(batch, columns=kept_columns, personal=personal).with_refused(refused)
    return gathered.with_notice("personal_attributes", len(personal) - len(batch.personal))


def split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values that may be kept in the open, and those that look personal as text."""
    kept: dict[str, Any] = {}
    private: dict[str, str] = {}
    for name, value in values.items():
        if any(redaction.looks_personal(name=leaf, value=text) for leaf, text in _leaves(name, value, 0)):
            private[f"attributes.{name}"] = value if isinstance(value, str) else _ENCODE(value).decode()
        else:
            kept[name] = redaction.clean_line(value) if isinstance(value, str) else value
    return kept, private


def _read(sent: Any) -> dict[str, Any]:
    if not sent or sent is msgspec.UNSET:
        return {}
    if isinstance(sent, str):
        try:
            sent = msgspec.json.decode(sent)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            raise Bad(Refusal.BAD_ATTRIBUTES, "is not JSON") from None
    if not isinstance(sent, dict):
        raise Bad(Refusal.BAD_ATTRIBUTES, "is not a JSON object")
    return sent


def _said(names: list[str], values: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in zip(names, values, strict=True)
        if value is not None and value is not msgspec.UNSET and value != ""
    }


def _written(kept: Mapping[str, Any]) -> str:
    if not kept:
        return ""
    try:
        text = _ENCODE(kept).decode()
    except (TypeError, ValueError, RecursionError, UnicodeEncodeError):
        raise Bad(Refusal.BAD_ATTRIBUTES, "holds what JSON cannot say") from None
    if len(text) > LONGEST:
        raise Bad(Refusal.TOO_LONG, f"longer than {LONGEST} characters")
    if "\\u0000" in text:
        raise Bad(Refusal.BAD_TEXT, "holds a NUL character")
    return text


def _leaves(name: str, value: Any, depth: int) -> list[tuple[str, str]]:
    if depth > DEEPEST:
        raise Bad(Refusal.BAD_ATTRIBUTES, f"is nested deeper than {DEEPEST}")
    if isinstance(value, Mapping):
        return [leaf for key, inner in value.items() for leaf in _leaves(str(key), inner, depth + 1)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in _leaves(name, inner, depth + 1)]
    if isinstance(value, str):
        return [(name, value)]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**12:
        return [(name, str(value))]
    return []
