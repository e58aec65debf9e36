"""Promises of what explains a contact: our own fault does, nothing else, and nothing that was not yet known."""

from dataclasses import replace

import numpy as np
import pytest

from valence import packs, terms
from valence.journeys import explained
from valence.journeys.tests import cast

PACK = packs.load(name="telco")
NO_SHOW = {"day": 1, "kind": "visit", "facts": "no_show", "reason": "fault"}


def flags(told):
    return explained.contacts(journeys=told, pack=PACK).tolist()


def test_a_contact_soon_after_a_fault_is_explained_and_one_out_of_the_blue_is_not():
    told = cast.journey(NO_SHOW, {"day": 4, "kind": "contact"}, {"day": 40, "kind": "contact"})
    assert flags(told) == [False, True, False]


def test_the_same_reason_explains_for_longer():
    about = {"kind": "contact", "reason": "fault"}
    told = cast.journey(NO_SHOW, {"day": 25, **about}, {"day": 60, **about})
    assert flags(told) == [False, True, False]


def test_what_says_itself_that_it_is_a_repeat_is_explained():
    told = cast.journey({"day": 1, "kind": "contact", "facts": "repeat"}, {"day": 90, "kind": "contact"})
    assert flags(told) == [True, False]


@pytest.mark.parametrize("harmless", [{"kind": "visit", "facts": "on_time"}, {"kind": "bill", "amount": 40.0}])
def test_what_went_well_explains_nothing(harmless):
    assert flags(cast.journey({"day": 1, **harmless}, {"day": 2, "kind": "contact"})) == [False, False]


def test_a_fault_of_somebody_else_explains_nothing():
    told = cast.journey(NO_SHOW, other=[{"day": 2, "kind": "contact"}])
    assert flags(told) == [False, False]


def test_a_company_with_words_of_its_own_is_served_too():
    told = cast.journey({"day": 1, "kind": "reading", "facts": "wrong_meter"}, {"day": 3, "kind": "phone_enquiry"})
    assert flags(told) == [False, True]


def test_a_fault_recorded_after_the_contact_changes_nothing():
    told = cast.journey(NO_SHOW, {"day": 2, "kind": "contact"})
    late = replace(told, recorded=np.array([3.0, 2.0]))
    assert flags(late) == [False, False]


def test_a_fault_that_hides_another_one_recorded_in_time_does_not():
    told = cast.journey(NO_SHOW, {**NO_SHOW, "day": 2}, {"day": 3, "kind": "contact"})
    late = replace(told, recorded=np.array([1.0, 9.0, 3.0]))
    assert flags(late) == [False, False, True]


def test_a_contact_speaks_of_leaving_by_whole_words_only():
    told = cast.journey(
        {"day": 1, "kind": "contact", "reason": "Contract enquiry"},
        {"day": 2, "kind": "contact", "facts": "unresolved|cancel"},
        {"day": 3, "kind": "contact", "reason": "port_fault"},
        {"day": 4, "kind": "visit", "reason": "cancellation"},
    )
    assert explained.about_leaving(journeys=told, pack=PACK).tolist() == [True, True, False, False]


def test_the_column_says_yes_or_nothing():
    told = explained.put(journeys=cast.journey(NO_SHOW, {"day": 4, "kind": "contact"}), pack=PACK)
    assert told.words[terms.EXPLAINED].said() == ["", terms.YES]


@pytest.mark.parametrize("kind", ["hotline", "Anruf", "customer_hotline", "llamada", "kundenanliegen"])
def test_who_speaks_of_leaving_is_heard_whatever_the_company_calls_it(kind):
    told = cast.journey({"day": 1, "kind": kind, "reason": "cancel"}, {"day": 2, "kind": kind, "reason": "fault"})
    assert explained.about_leaving(journeys=told, pack=PACK).tolist() == [True, False]


@pytest.mark.parametrize("word", ["Kündigung", "résiliation", "baja", "disdetta", "إلغاء"])
def test_leaving_is_heard_in_other_languages(word):
    told = cast.journey({"day": 1, "kind": "contact", "reason": word})
    assert explained.about_leaving(journeys=told, pack=PACK).tolist() == [True]


@pytest.mark.parametrize("kind", ["order", "newsletter", "site_visit", "campaign"])
def test_what_we_send_and_what_is_ordered_speaks_of_no_leaving(kind):
    told = cast.journey({"day": 1, "kind": kind, "reason": "cancel"})
    assert explained.about_leaving(journeys=told, pack=PACK).tolist() == [False]
