from __future__ import annotations

import time

import pytest

from valence.text import redaction
from valence.text.redaction import Kind, digits
from valence.text.redaction.kinds import card, iban, national


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
        ("my name is ann berg and i waited", "my name is [name] and i waited"),
        ("I'm Ann Berg, not I'm Very Angry", "I'm [name], not I'm Very Angry"),
        ("Mit freundlichen Grüßen\nHans Müller", "Mit freundlichen Grüßen\n[name]"),
        ("Herr Schmidt war super", "Herr [name] war super"),
        ("Je m'appelle Marie Dupont, née le 12/03/1980", "Je m'appelle [name], née le [birth_date]"),
        ("Me llamo Ana García, DNI 12345678Z", "Me llamo [name], DNI [id]"),
        ("اسمي محمد علي ورقم الجوال 0501234567", "اسمي [name] ورقم الجوال [phone]"),
        ("Sarah was great! Thanks Kevin.", "[name] was great! Thanks [name]."),
        ("MY MANAGER REFUSED TO HELP", "MY MANAGER REFUSED TO HELP"),
        ("I live at 12 Baker Street, London NW1 6XE.", "I live at [address], London [address]."),
        ("wohnhaft Hauptstr. 5, 10115 Berlin", "wohnhaft [address] Berlin"),
        ("habito en calle Mayor 5", "habito en [address]"),
        ("12 minutes on the way, 20 minutes Wartezeit", "12 minutes on the way, 20 minutes Wartezeit"),
        ("his social security number is 853-37-1694", "his social security number is [id]"),
        ("My CVV is 123 exp 12/27", "My CVV is [secret] exp [secret]"),
        ("call me on 9472 7916?", "call me on [phone]?"),
        ("Kundennummer: 4711-0815", "Kundennummer: [number]"),
        ("see https://shop.example/u/ann?id=3.", "see [url]."),
        ("comcast.com is down, and/or slow", "comcast.com is down, and/or slow"),
        ("from 10.20.30.40, firmware 10.20.30.40", "from [ip], firmware 10.20.30.40"),
        ('=HYPERLINK("http://evil.example/?x=1")', '=HYPERLINK("[url]")'),
        ("<b>ann@example.org</b>", "<b>[email]</b>"),
        ("card ٤١١١١١١١١١١١١١١١", "card [card]"),
        ("", ""),
    ],
)
def test_it_takes_out_what_follows_a_pattern_and_nothing_else(written: str, kept: str) -> None:
    assert redaction.clean(written) == kept


def test_a_card_is_known_by_its_check_digit() -> None:
    assert card.is_card(number="4111111111111111")
    assert not card.is_card(number="4111111111111112")
    assert digits.passes_luhn(number="79927398713")


def test_an_iban_is_known_by_its_country_and_its_check_digits() -> None:
    assert iban.checks(text="GB82 WEST 1234 5698 7654 32")
    assert not iban.checks(text="GB82 WEST 1234 5698 7654 33")
    assert redaction.clean("in 2012 while studying it") == "in 2012 while studying it"


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("us", "514-69-0360"),
        ("gb", "943 476 5919"),
        ("gb", "AB 12 34 56 C"),
        ("de", "86 095 742 719"),
        ("es", "X1234567L"),
        ("fr", "2 55 08 14 168 025 38"),
        ("it", "RSSMRA85T10A562S"),
        ("be", "85.07.30-033.28"),
        ("pl", "44051401359"),
        ("br", "529.982.247-25"),
        ("cn", "11010519491231002X"),
        ("ch", "756.9217.0769.85"),
        ("se", "811218-9876"),
        ("fi", "131052-308T"),
        ("tr", "10000000146"),
        ("nl", "111222333"),
    ],
)
def test_a_number_of_a_state_is_known_by_its_check_digits(country: str, number: str) -> None:
    assert country in national.countries(number=number)
    changed = number[:-2] + str((int(number[-2]) + 1) % 10) + number[-1] if number[-2].isdigit() else ""
    assert not changed or country in ("us", "gb") or country not in national.countries(number=changed)


@pytest.mark.parametrize(
    ("name", "value", "personal"),
    [
        ("contact", "ann@mail.example.org", True),
        ("e-mail", "none", True),
        ("reach", "+44 7700 900123", True),
        ("paid_with", "4111111111111111", True),
        ("bank", "DE89370400440532013000", True),
        ("Vorname", "Ada", True),
        ("Nachname", "Quist", True),
        ("colour", "red", False),
        ("seen_on", "2024-05-12T10:30:00", False),
        ("contract_months", "24", False),
    ],
)
def test_an_attribute_is_personal_by_its_name_or_its_value(name: str, value: str, personal: bool) -> None:
    assert redaction.looks_personal(name=name, value=value) is personal


@pytest.mark.parametrize(
    "unit",
    ["a", "1", "1 ", "a@", "1-", "(", "DE12", "+1 ", "a.b-", "Mr. ", "name: ", "12 Aaa ", "a/b.cd/1", "😀", "١ "],
)
def test_no_text_makes_it_slow(unit: str) -> None:
    begun = time.process_time()
    redaction.clean(unit * (100_000 // len(unit)))
    assert time.process_time() - begun < 20  # thirty times what the dearest takes; quadratic steps would take minutes


def test_eight_times_as_long_takes_about_eight_times_as_long() -> None:
    unit = "Mr. Ann called 0151 23456789, paid 4111 1111 1111 1111 in 12 Baker Street <b>😀</b> مرحبا "
    took = []
    for size in (12_500, 100_000):
        begun = time.process_time()
        found = redaction.read(unit * (size // len(unit))).found
        took.append(time.process_time() - begun)
        assert {Kind.NAME, Kind.PHONE, Kind.CARD, Kind.ADDRESS} <= {each.kind for each in found}
    assert took[1] < 32 * took[0]  # quadratic steps would take 64 times as long


def test_what_was_found_lies_where_it_was_written() -> None:
    text = "I'm Ann Berg, ann@example.org, +44 7700 900123"
    redacted = redaction.read(text)
    assert [(each.kind, each.span.of(text)) for each in redacted.found] == [
        (Kind.NAME, "Ann Berg"),
        (Kind.EMAIL, "ann@example.org"),
        (Kind.PHONE, "+44 7700 900123"),
    ]


def test_a_short_field_keeps_its_words() -> None:
    assert redaction.clean_line("Max, call +44 7700 900123") == "Max, call [phone]"
