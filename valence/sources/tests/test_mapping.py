"""Which column of a file is which of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from valence.intake import customers as customer_intake
from valence.intake import interactions as interaction_intake
from valence.sources import files, mapping, translating
from valence.sources.files import WrongFile

KNOWN = {"customers": sorted(customer_intake.KNOWN), "interactions": interaction_intake.COLUMNS}


def translated(reading: files.Reading, **columns: list[Any]) -> Any:
    size = len(next(iter(columns.values())))
    memory = translating.Memory()
    piece = translating.piece(
        columns=columns, numbers=range(1, size + 1), unreadable={}, reading=reading, memory=memory, resume_at=size
    )
    return piece.records.columns


def choose(*columns: str, kind: str = "", **mapped: Any) -> mapping.Chosen:
    return mapping.choose(columns=columns, known=KNOWN, mapped=mapping.checked(mapped), kind=kind)


@pytest.mark.parametrize("kind", list(mapping.ALIASES))
def test_every_alias_is_guessed_whatever_its_case_and_spaces(kind: str) -> None:
    for ours, aliases in mapping.ALIASES[kind].items():
        for alias in aliases:
            for theirs in (alias, alias.upper(), alias.replace("_", " ").title()):
                chosen = choose(theirs, kind=kind)
                assert theirs in chosen.columns.values(), (ours, theirs)
                assert chosen.guessed


def test_a_column_of_our_name_is_never_guessed_to_be_another() -> None:
    chosen = choose("interaction_id", "customer_id", "occurred_at", "kind", "type", "id")
    assert {name: chosen.columns[name] for name in mapping.REQUIRED["interactions"]} == {
        name: name for name in mapping.REQUIRED["interactions"]
    }
    assert chosen.guessed == frozenset()
    assert set(chosen.unknown) == {"type", "id"}


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (("customer_id", "joined_at"), "customers"),
        (("customer", "customer_since", "mrr"), "customers"),
        (("interaction_id", "customer_id", "occurred_at", "kind"), "interactions"),
        (("ticket_id", "client_id", "timestamp", "event_type"), "interactions"),
    ],
)
def test_the_kind_of_records_is_recognised_by_the_columns(columns: tuple[str, ...], kind: str) -> None:
    chosen = choose(*columns)
    assert (chosen.record_kind, chosen.missing) == (kind, ())


def test_what_is_said_goes_before_what_is_guessed_and_constants_fill_what_is_not_there() -> None:
    chosen = choose("id", "who", "date", columns={"customer_id": "who"}, constants={"kind": "contact"})
    assert chosen.columns["customer_id"] == "who"
    assert chosen.missing == ()
    reading = chosen.reading()
    assert files.named(columns=("id", "who", "date"), reading=reading) == [
        "interaction_id", "customer_id", "occurred_at",
    ]  # fmt: skip
    assert translated(reading, who=["a"])["kind"] == ["contact"]


def test_words_are_replaced_and_others_stay() -> None:
    reading = choose("kind", values={"kind": {"Anruf": "contact"}}).reading()
    assert translated(reading, kind=["Anruf", "visit", None]) == {"kind": ["contact", "visit", None]}


def test_columns_of_a_refused_file_are_left_out() -> None:
    chosen = choose("interaction_id", "customer_id", "occurred_at", "kind", "refused_reason", "refused_detail")
    assert chosen.unknown == ()
    assert translated(chosen.reading(), refused_reason=["x"]) == {}


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        ("columns = {customer_id = 5}", "m.toml", "The mapping is wrong"),
        ("colums = {}", "m.toml", "The mapping is wrong"),
        ("= 5", "m.toml", "neither TOML nor JSON"),
        ("{", "m.json", "neither TOML nor JSON"),
    ],
)
def test_a_wrong_mapping_file_is_named(content: str, name: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(WrongFile, match=words):
        mapping.load(path=path)
    with pytest.raises(WrongFile, match="cannot be read"):
        mapping.load(path=tmp_path / "gone.toml")
