"""Promises of marks: known words, unknown words, numbers, and what only foretells."""

from dataclasses import replace

import numpy as np
import pytest

from valence import packs, terms
from valence.bond import marks, saying


def journeys(rows: int = 1, **columns) -> terms.Journeys:
    words = {}
    for name in terms.WORD_COLUMNS:
        if name in columns:
            told = columns.pop(name)
            vocabulary = tuple(dict.fromkeys(word for word in told if word))
            codes = [vocabulary.index(word) if word else -1 for word in told]
            words[name] = terms.Words(np.array(codes, np.int32), vocabulary)
            rows = len(told)
    numbers = {name: np.array(values, float) for name, values in columns.items()}
    rows = max([rows, *(len(values) for values in numbers.values())])
    at = np.arange(rows, dtype=float)
    return terms.Journeys(np.array([7]), np.array([0, rows]), at, at, words, numbers)


def borne(found: terms.Journeys, counts: marks.WordCounts | None = None) -> dict[tuple[int, str], float]:
    pack = packs.load()
    vocabulary = marks.vocabulary(pack=pack, counts=counts or marks.count_words(journeys=found))
    marked = marks.read(marks=vocabulary, journeys=found)
    return {
        (int(r), vocabulary[m].name): float(v) for r, m, v in zip(marked.row, marked.mark, marked.value, strict=True)
    }


def test_facts_are_read_one_by_one_whatever_stands_beside_them():
    found = borne(journeys(kind=["visit", "visit"], facts=["late|left_mess", "LEFT MESS"]))
    assert found[0, "late"] == found[0, "left_mess"] == found[1, "left_mess"] == 1.0
    assert (1, "late") not in found


def test_a_bill_above_what_was_told_is_harm_and_one_as_told_is_not():
    found = borne(journeys(kind=["bill"] * 3, amount=[113, 64, np.nan], expected_amount=[64, 64, 64]))
    assert found[0, "bill_above_share"] == pytest.approx(49 / 64 - 0.05)
    assert found[0, "bill_above"] == 1.0
    assert not [key for key in found if key[0] > 0]


def test_small_change_on_a_bill_hardly_counts_and_what_is_clearly_above_counts_wholly():
    found = borne(journeys(kind=["bill"] * 2, amount=[43, 50], expected_amount=[40, 40]))
    assert found[0, "bill_above"] == pytest.approx(0.25)
    assert found[1, "bill_above"] == 1.0


def test_waiting_counts_by_ten_minutes_and_stops_counting():
    found = borne(journeys(kind=["contact", "contact"], wait_minutes=[15, 500]))
    assert found[0, "wait"] == 1.5
    assert found[0, "wait_long"] == 0.5
    assert found[1, "wait"] == found[1, "wait_long"] == 6.0


def test_a_contact_that_a_fault_explains_is_no_sign_of_leaving_and_its_own_faults_still_count():
    told = journeys(kind=["contact"] * 2, facts=["unresolved"] * 2)
    told = replace(told, words={**told.words, terms.EXPLAINED: terms.Words(np.array([0, -1], np.int32), (terms.YES,))})
    found = borne(told)
    assert (0, "contacted") not in found
    assert found[1, "contacted"] == found[0, "unresolved"] == 1.0


def test_what_goes_wrong_in_a_contact_that_speaks_of_leaving_is_not_blamed_and_the_contact_foretells():
    told = journeys(kind=["contact"] * 2, facts=["unresolved"] * 2, wait_minutes=[20, 20])
    told = replace(told, words={**told.words, terms.LEAVING: terms.Words(np.array([0, -1], np.int32), (terms.YES,))})
    found = borne(told)
    assert {name for row, name in found if row == 0} == {"contacted"}
    assert {"unresolved", "wait"} <= {name for row, name in found if row == 1}


def test_a_contact_of_which_nothing_is_told_foretells_apart():
    found = borne(journeys(kind=["contact", "contact", *["hotline"] * 12], facts=["", "late", *[""] * 12]))
    assert (0, "contacted_plainly") in found
    assert (1, "contacted_plainly") not in found
    assert (2, "contacted_plainly") in found


@pytest.mark.parametrize(
    ("scale", "low", "high"), [("nps", 0, 10), ("csat", 1, 5), ("ces", 1, 7), ("smileys", 10, 50), ("", 0, 100)]
)
def test_scores_of_any_scale_are_signals_between_their_ends(scale, low, high):
    found = borne(journeys(kind=["feedback"] * 2, scale=[scale] * 2, score=[low, high]))
    assert found[0, "score_low"] == 1.0
    assert found[1, "score_high"] == 1.0


def test_unknown_words_become_marks_of_either_sign_that_may_be_blamed():
    found = journeys(
        kind=[*["meter_reading"] * 12, *["bill"] * 12],
        facts=["estimated"] * 24,
        department=[*["metering"] * 12, *["care"] * 12],
    )
    made = {mark.name: mark for mark in marks.vocabulary(pack=packs.load(), counts=marks.count_words(journeys=found))}
    for name in ("kind:meter_reading", "facts:estimated", "department:metering"):
        assert made[name].is_cause
        assert made[name].sign is packs.Sign.FREE


@pytest.mark.parametrize("kind", ["number_port_request", "Cancel-Contract", "terminate", "call_in", "retention_desk"])
def test_what_tells_an_intention_or_a_contact_only_foretells(kind):
    found = journeys(kind=[kind] * 12)
    made = {mark.name: mark for mark in marks.vocabulary(pack=packs.load(), counts=marks.count_words(journeys=found))}
    assert not made[f"kind:{packs.plain_word(kind)}"].is_cause


@pytest.mark.parametrize(
    ("fact", "is_cause"), [("port_fault", True), ("contract_error", True), ("cancel", False), ("asked_to_leave", False)]
)
def test_a_fact_is_blamed_unless_it_says_what_the_customer_intends(fact, is_cause):
    found = journeys(facts=[fact] * 12)
    made = {mark.name: mark for mark in marks.vocabulary(pack=packs.load(), counts=marks.count_words(journeys=found))}
    assert made[f"facts:{fact}"].is_cause is is_cause
    assert ((0, "leaving_asked") in borne(found)) is not is_cause


def test_frequent_reasons_foretell_apart_and_are_never_blamed():
    found = journeys(kind=["contact"] * 200, reason=["kuendigung", "umzug"] * 100)
    made = {mark.name: mark for mark in marks.vocabulary(pack=packs.load(), counts=marks.count_words(journeys=found))}
    assert not made["reason:kuendigung"].is_cause
    assert not made["reason:umzug"].is_cause


def test_a_kind_that_everything_is_is_not_blamed_for_happening():
    found = journeys(kind=["touch"] * 95 + ["tariff_change"] * 15)
    made = {mark.name: mark for mark in marks.vocabulary(pack=packs.load(), counts=marks.count_words(journeys=found))}
    assert not made["kind:touch"].is_cause
    assert made["kind:tariff_change"].is_cause


def test_another_name_of_a_fact_is_the_same_mark():
    assert borne(journeys(kind=["visit"], facts=["no-show"]))[0, "no_show"] == 1.0


def test_rare_words_get_no_mark():
    found = journeys(kind=["once"])
    assert not [
        mark
        for mark in marks.vocabulary(pack=packs.load(), counts=marks.count_words(journeys=found))
        if "once" in mark.name
    ]


def test_counts_of_two_buckets_add_up():
    one, two = journeys(facts=["late|odd", "odd"], score=[1, 4]), journeys(facts=["odd"], score=[9])
    both = marks.count_words(journeys=one) + marks.count_words(journeys=two)
    assert both.words["facts", "odd"] == marks.Count(interactions=3, customers=2)
    assert both.ranges[""] == (1.0, 9.0)


def test_missing_columns_bear_no_marks():
    at = np.arange(3.0)
    bare = terms.Journeys(np.array([1]), np.array([0, 3]), at, at)
    assert not borne(bare)


def test_every_mark_of_the_pack_is_named_apart_in_a_list():
    named = [mark.named for mark in marks.vocabulary(pack=packs.load(), counts=marks.WordCounts())]
    assert len(set(named)) == len(named)


def test_a_story_says_a_kind_once():
    billed = journeys(kind=["bill"], amount=[80.0], expected_amount=[40.0])
    found = marks.vocabulary(pack=packs.load(), counts=marks.WordCounts())
    teller = saying.Teller(marks=found, journeys=billed, marked=marks.read(marks=found, journeys=billed))
    assert teller.words(np.array([0]))[0] == "Bill above what was told"
