"""Numbers: whatever way they are written in, they are read as what they were, or not at all."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valence.sources.notation import numbers

AMOUNTS = st.decimals(min_value=-10_000_000, max_value=10_000_000, places=2)


def written(amount: Decimal, notation: str) -> str:
    group, decimal = ("", notation[4]) if notation in ("1234.56", "1234,56") else (notation[1], notation[5])
    whole, _, part = f"{abs(amount):,.2f}".partition(".")
    return f"{'-' if amount < 0 else ''}{whole.replace(',', group)}{decimal}{part}"


@pytest.mark.parametrize("notation", numbers.NOTATIONS)
@settings(max_examples=40, deadline=None)
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=20))
def test_what_is_written_in_a_notation_is_read_as_it_was(notation: str, amounts: list[Decimal]) -> None:
    read = numbers.reader(notation=notation)
    assert [Decimal(read(written(amount, notation)) or "NaN") for amount in amounts] == amounts


@pytest.mark.parametrize("notation", numbers.NOTATIONS)
@settings(max_examples=40, deadline=None)
@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=20))
def test_a_guess_that_is_sure_never_changes_a_value(notation: str, amounts: list[Decimal]) -> None:
    values = [written(amount, notation) for amount in amounts]
    decided = numbers.decide(values=values)
    assert decided is not None
    if decided.sure:
        read = numbers.reader(notation=decided.notation)
        assert [Decimal(read(value) or "NaN") for value in values] == amounts


@pytest.mark.parametrize(
    ("values", "notation"),
    [
        (["1.234,56", "7"], "1.234,56"), (["1,234.56"], "1,234.56"), (["1 234,56"], "1 234,56"),
        (["1\u202f234,56"], "1 234,56"),
        (["1'234.56"], "1'234.56"), (["1.234.567"], "1.234,56"), (["12,5"], "1.234,56"),
        (["1.5", "1.234"], "1234.56"), (["12"], "1234.56"), (["€ 3,20", "4,00 EUR"], "1.234,56"),
    ],
)  # fmt: skip
def test_the_values_together_say_which_sign_is_the_decimal_one(values: list[str], notation: str) -> None:
    decided = numbers.decide(values=values)
    assert decided is not None
    assert (decided.notation, decided.sure) == (notation, True)


@pytest.mark.parametrize("values", [["1.234"], ["1,234", "12"], ["1.234", "5.678"]])
def test_what_reads_both_ways_is_not_sure(values: list[str]) -> None:
    decided = numbers.decide(values=values)
    assert decided is not None
    assert not decided.sure


@pytest.mark.parametrize("value", ["12.5", "1.23,4", "1,2,3", "abc", "", "1.234.56", "--5"])
def test_what_is_not_written_so_is_not_read(value: str) -> None:
    assert numbers.reader(notation="1.234,56")(value) is None


def test_signs_of_loss_are_understood_wherever_they_stand() -> None:
    read = numbers.reader(notation="1.234,56")
    assert [read(value) for value in ("-5,00", "5,00-", "(5,00)", "−5,00", "-€5,00")] == ["-5.00"] * 5
