from __future__ import annotations

import numpy as np
import pytest

from valence.customers import rules_evidence as rules
from valence.customers.rules_evidence import Case
from valence.customers.rules_links import Relation

SAME_MAIL, SAME_PHONE, NO_NAME = 2, 2, -1


def chances(*levels: list[int], known: list[tuple[Case, ...]] | None = None) -> list[list[float]]:
    table = np.array(levels, dtype=np.int8)
    return rules.judged(levels=table, known=known or [tuple(Case)] * len(levels)).chance.tolist()


@pytest.mark.parametrize(
    ("written", "country", "as_compared"),
    [
        ("+44 7700 900123", "", "+447700900123"),
        ("0044 7700-900123", "", "+447700900123"),
        ("07700 900123", "GB", "+447700900123"),
        ("(030) 901820", "DE", "+4930901820"),
        ("07700 900123", "", "7700900123"),
        ("12", "GB", ""),
        ("ask my son", "", ""),
        ("", "GB", ""),
    ],
)
def test_phones_are_compared_as_they_are_dialled_from_abroad(written: str, country: str, as_compared: str) -> None:
    assert rules.phone(text=written, country=country) == as_compared


def test_names_and_mails_are_compared_however_they_are_written() -> None:
    one = rules.traits(record={"name": "Berg, Alíce", "email": "Alice+shop@Mail.example"}, attributes={}, country="")
    other = rules.traits(record={"name": "alice BERG", "email": "alice@mail.example"}, attributes={}, country="")
    assert one == other == {"name": "alice berg", "surname": "berg", "email": "alice@mail.example"}


def test_birth_and_address_are_found_among_the_attributes() -> None:
    found = rules.traits(
        record={"name": "Bob Day", "attributes.birth_date": "3.2.1980"},
        attributes={"Street": "Long Lane 4, AB1"}, country="",
    )  # fmt: skip
    assert (found["birth"], found["address"]) == ("1980-02-03", "longlane4ab1")
    assert found["name_birth"] == "bob day 1980-02-03"


def test_the_same_name_and_mail_are_one_person_and_another_first_name_is_a_household() -> None:
    person, family, mail_alone, phone_alone = chances(
        [SAME_MAIL, -1, 2, -1, -1], [SAME_MAIL, SAME_PHONE, 1, -1, -1], [SAME_MAIL, -1, NO_NAME, -1, -1],
        [0, 1, 0, -1, -1],
    )  # fmt: skip
    assert person[Case.PERSON] > 0.95
    assert family[Case.HOUSEHOLD] > 0.6 > family[Case.PERSON]
    assert 0.5 < mail_alone[Case.PERSON] < 0.9
    assert phone_alone[Case.STRANGERS] > 0.95


def test_another_birth_date_speaks_against_the_same_person() -> None:
    born_alike, born_apart = chances([SAME_MAIL, -1, 2, 1, -1], [SAME_MAIL, -1, 2, 0, -1])
    assert born_alike[Case.PERSON] > 0.99 > 0.9 > born_apart[Case.PERSON]


def test_what_several_have_says_less() -> None:
    own, shared = chances([SAME_MAIL, -1, NO_NAME, -1, -1], [1, -1, NO_NAME, -1, -1])
    assert shared[Case.PERSON] < own[Case.PERSON]


def test_what_people_decide_teaches() -> None:
    pairs = [[0, SAME_PHONE, 2, -1, -1]] * 200
    untaught = chances(*pairs)[0][Case.PERSON]
    refused = (Case.HOUSEHOLD, Case.STRANGERS)
    taught = chances(*pairs, known=[refused] * 150 + [tuple(Case)] * 50)[-1][Case.PERSON]
    assert taught < untaught - 0.2


def test_a_stated_confidence_holds() -> None:
    """Of pairs that are said to be one person with 80 % and more, about as many are: made with a known truth."""
    chance = np.random.default_rng(5)
    truth = chance.choice(3, size=6_000, p=[0.2, 0.3, 0.5])
    levels = np.empty((len(truth), len(rules.FIELDS)), np.int8)
    for at, field in enumerate(rules.FIELDS):
        usual = 0.7 * field.usual + 0.3 / len(field.levels)
        levels[:, at] = [chance.choice(len(field.levels), p=usual[case]) for case in truth]
    levels[chance.random(levels.shape) < 0.4] = -1
    said = rules.judged(levels=levels, known=[tuple(Case)] * len(levels)).chance[:, Case.PERSON]
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        within = (said >= low) & (said < high)
        assert within.sum() > 50
        assert abs((truth[within] == Case.PERSON).mean() - said[within].mean()) < 0.08


def test_contracts_side_by_side_are_lines_of_an_account() -> None:
    sure = [0.97, 0.02, 0.01]
    assert rules.proposed(chance=sure, both_run=False) == (Relation.SAME, 0.97)
    assert rules.proposed(chance=sure, both_run=True) == (Relation.ACCOUNT, 0.97)
    assert rules.proposed(chance=[0.2, 0.7, 0.1], both_run=True) == (Relation.HOUSEHOLD, 0.7)
    assert rules.proposed(chance=[0.4, 0.3, 0.3], both_run=False) is None


def test_the_reason_says_what_is_shared_and_what_is_not_and_no_value() -> None:
    said = rules.reason(levels=[2, 0, 2, -1, -1])
    assert said == "The same e-mail and the same name, but different phones"
    assert rules.evidence(levels=[2, 0, 2, -1, -1]) == ("email", "name")
