from __future__ import annotations

import time

import pytest

from valence.intake import redact


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("write to ann.berg+x@mail.example.org, please", "write to [email], please"),
        ("call +44 7700 900123 or 030 1234567", "call [phone] or [phone]"),
        ("US: (212) 555-0187 and 212-555-0187", "US: [phone] and [phone]"),
        ("card 4111 1111 1111 1111 was charged", "card [card] was charged"),
        ("to DE89 3704 0044 0532 0130 00 now", "to [iban] now"),
        ("account 12345678901 is mine", "account [number] is mine"),
        (
            "since 2024-05-12 10:30 I waited 45 minutes for 3 men",
            "since 2024-05-12 10:30 I waited 45 minutes for 3 men",
        ),
        ("on 12.05.2024 I paid 49.90, not 1,299.00", "on 12.05.2024 I paid 49.90, not 1,299.00"),
        ("version 10.4 of model X-200", "version 10.4 of model X-200"),
        ("", ""),
    ],
)
def test_it_takes_out_what_follows_a_pattern_and_nothing_else(written: str, kept: str) -> None:
    assert redact.clean(written) == kept


def test_a_card_is_known_by_its_check_digit() -> None:
    assert redact.passes_luhn("4111111111111111")
    assert not redact.passes_luhn("4111111111111112")


def test_an_iban_is_known_by_its_check_digits() -> None:
    assert redact.is_iban("GB82 WEST 1234 5698 7654 32")
    assert not redact.is_iban("GB82 WEST 1234 5698 7654 33")


@pytest.mark.parametrize(
    ("name", "value", "personal"),
    [
        ("contact", "ann@mail.example.org", True),
        ("e-mail", "none", True),
        ("reach", "+44 7700 900123", True),
        ("paid_with", "4111111111111111", True),
        ("bank", "DE89370400440532013000", True),
        ("colour", "red", False),
        ("seen_on", "2024-05-12T10:30:00", False),
        ("contract_months", "24", False),
    ],
)
def test_an_attribute_is_personal_by_its_name_or_its_value(name: str, value: str, personal: bool) -> None:
    assert redact.looks_personal(name=name, value=value) is personal


@pytest.mark.parametrize("unit", ["a", "1", "1 ", "a@", "1-", "(", "DE12", "+1 ", "a.b-"])
def test_no_text_makes_it_slow(unit: str) -> None:
    begun = time.process_time()
    redact.clean(unit * (20_000 // len(unit)))
    assert time.process_time() - begun < 1.5
