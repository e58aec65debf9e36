import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from valence import journeys, packs
from valence.journeys import links, recorded
from valence.journeys.tests import cast

PACK = packs.load(name="telco")


def causes(told):
    found = links.infer(journeys=told, pack=PACK)
    return dict(zip(found.effect.tolist(), found.cause.tolist(), strict=True))


def why(told, row):
    found = links.infer(journeys=told, pack=PACK)
    return found.rules[found.rule[list(found.effect).index(row)]]


def test_a_recorded_link_wins_over_what_a_rule_would_guess():
    told = cast.journey(
        {"day": 1, "kind": "visit", "facts": "no_show", "source": "field", "interaction_id": "v"},
        {"day": 2, "kind": "visit", "facts": "late", "source": "field", "interaction_id": "w"},
        {"day": 3, "kind": "contact", "source": "crm", "caused_by": "field:v"},
    )
    assert causes(told)[2] == 0
    assert why(told, 2) == links.RECORDED


def test_a_recorded_id_without_a_source_is_of_the_same_source():
    told = cast.journey(
        {"day": 1, "kind": "contact", "source": "crm", "interaction_id": "7"},
        {"day": 1.5, "kind": "outage", "source": "network", "interaction_id": "7"},
        {"day": 2, "kind": "contact", "source": "crm", "caused_by": "7"},
    )
    assert causes(told)[2] == 0


def test_a_reference_to_another_systems_id_is_found_where_only_one_interaction_has_it():
    told = cast.journey(
        {"day": 1, "kind": "visit", "source": "crm", "interaction_id": "i1"},
        {"day": 2, "kind": "bill", "source": "rechnungen", "interaction_id": "i2"},
        {"day": 3, "kind": "contact", "source": "tickets", "interaction_id": "t1", "caused_by": "i1"},
        {"day": 4, "kind": "contact", "source": "crm", "interaction_id": "i3", "caused_by": "billing:i2"},
    )
    found = recorded.causes(journeys=told)
    assert found.tolist() == [-1, -1, 0, 1]


def test_an_id_that_intake_took_for_one_of_its_own_source_is_found_at_another():
    told = cast.journey(
        {"day": 1, "kind": "bill", "source": "bills", "interaction_id": "b1"},
        {"day": 2, "kind": "contact", "source": "crm", "interaction_id": "c1", "caused_by": "crm:b1"},
        {"day": 3, "kind": "contact", "source": "crm", "interaction_id": "c2", "caused_by": "crm:b9"},
        {"day": 4, "kind": "contact", "source": "crm", "interaction_id": "c3"},
    )
    assert recorded.causes(journeys=told).tolist() == [-1, 0, -1, -1]
    assert recorded.dangling(journeys=told) == 1


def test_a_reference_that_two_interactions_fit_or_whose_source_is_known_is_not_guessed():
    twice = cast.journey(
        {"day": 1, "kind": "visit", "source": "a", "interaction_id": "7"},
        {"day": 2, "kind": "bill", "source": "b", "interaction_id": "7"},
        {"day": 3, "kind": "contact", "source": "c", "interaction_id": "1", "caused_by": "7"},
        {"day": 4, "kind": "contact", "source": "c", "interaction_id": "2", "caused_by": "a:1"},
    )
    assert recorded.causes(journeys=twice).tolist() == [-1, -1, -1, -1]


def test_a_recorded_cause_that_comes_later_or_is_somebody_elses_does_not_count():
    later = cast.journey(
        {"day": 1, "kind": "feedback", "source": "a", "caused_by": "a:later"},
        {"day": 2, "kind": "feedback", "source": "a", "interaction_id": "later"},
    )
    other = cast.journey(
        mary=[{"day": 1, "kind": "feedback", "source": "a", "interaction_id": "hers"}],
        john=[{"day": 2, "kind": "feedback", "source": "a", "caused_by": "a:hers"}],
    )
    assert causes(later) == {}
    assert causes(other) == {}


def test_two_that_name_each_other_at_one_moment_make_no_circle():
    told = cast.journey(
        {"day": 1, "kind": "feedback", "source": "a", "interaction_id": "x", "caused_by": "a:y"},
        {"day": 1, "kind": "feedback", "source": "a", "interaction_id": "y", "caused_by": "a:x"},
    )
    assert len(causes(told)) <= 1


def test_a_recorded_cause_at_the_same_moment_counts_in_either_order_and_is_given_no_guess_that_closes_a_circle():
    told = cast.journey(
        {"day": 1, "kind": "contact", "reason": "a", "facts": "unresolved", "source": "b", "caused_by": "b:9"},
        {"day": 1, "kind": "contact", "reason": "a", "facts": "unresolved", "source": "b", "interaction_id": "9"},
    )
    assert causes(told) == {0: 1}


def test_a_repeat_contact_follows_the_unresolved_one_of_the_same_reason():
    told = cast.journey(
        {"day": 1, "kind": "contact", "reason": "fault", "facts": "unresolved"},
        {"day": 2, "kind": "contact", "reason": "usage", "facts": "unresolved"},
        {"day": 4, "kind": "contact", "reason": "fault"},
    )
    assert causes(told)[2] == 0
    assert "repeat" in why(told, 2)


@pytest.mark.parametrize(
    "failure",
    [
        {"kind": "visit", "facts": "no_show"},
        {"kind": "outage", "outage_hours": 9.0},
        {"kind": "bill", "amount": 120.0, "expected_amount": 60.0},
        {"kind": "message", "promise": "broken"},
    ],
    ids=lambda failure: failure["kind"],
)
def test_a_contact_follows_a_failure(failure):
    told = cast.journey({"day": 1, **failure}, {"day": 3, "kind": "contact", "reason": "complaint"})
    assert causes(told)[1] == 0


def test_nothing_follows_a_faultless_bill():
    told = cast.journey(
        {"day": 1, "kind": "bill", "amount": 60.0, "expected_amount": 60.0}, {"day": 3, "kind": "contact"}
    )
    assert causes(told) == {}


def test_a_visit_follows_the_contact_that_promised_its_day_even_if_another_came_between():
    told = cast.journey(
        {"day": 1, "kind": "contact", "reason": "fault", "promised_at": 9.0},
        {"day": 7, "kind": "contact", "reason": "question"},
        {"day": 9.2, "kind": "visit"},
    )
    assert causes(told)[2] == 0


def test_an_unexpected_bill_follows_the_order_that_did_not_mention_the_fee():
    told = cast.journey(
        {"day": 1, "kind": "order", "facts": "fee_not_mentioned"},
        {"day": 20, "kind": "contact", "reason": "question"},
        {"day": 40, "kind": "bill", "amount": 139.0, "expected_amount": 60.0},
    )
    assert causes(told)[2] == 0


def test_a_broken_promise_follows_the_interaction_that_made_it():
    told = cast.journey(
        {"day": 1, "kind": "contact", "promise": "made", "promised_at": 10.0},
        {"day": 5, "kind": "contact", "promise": "made", "promised_at": 30.0},
        {"day": 10, "kind": "promise", "promise": "broken", "promised_at": 10.0},
    )
    assert causes(told)[2] == 0


def test_a_company_with_its_own_words_is_served_too():
    told = cast.journey(
        {"day": 1, "kind": "meter_reading", "facts": "reading_wrong", "department": "metering"},
        {"day": 3, "kind": "service_call", "reason": "meter"},
        {"day": 3.5, "kind": "newsletter"},
    )
    assert causes(told) == {1: 0}


def test_a_fact_that_a_model_found_harmful_can_lead_to_a_contact():
    told = cast.journey({"day": 1, "kind": "x", "facts": "zzz"}, {"day": 3, "kind": "contact"})
    assert len(links.infer(journeys=told, pack=PACK, harmful={"zzz"}).effect) == 1
    assert len(links.infer(journeys=told, pack=PACK).effect) == 0


def test_no_rows_and_no_customers_have_no_links():
    assert causes(cast.journey()) == {}
    assert causes(cast.journey(mary=[])) == {}


def test_blame_steps_over_what_was_faultless():
    told = cast.journey(
        {"day": 1, "kind": "order"},
        {"day": 5, "kind": "visit", "facts": "not_fixed", "promised_at": 5.0},
        {"day": 6, "kind": "contact", "reason": "fault", "promised_at": 9.0},
        {"day": 9, "kind": "visit", "facts": "late"},
    )
    found = links.infer(journeys=told, pack=PACK)
    followed = links.to_faults(journeys=told, links=found, pack=PACK)
    assert dict(zip(found.effect.tolist(), found.cause.tolist(), strict=True)) == {1: 0, 2: 1, 3: 2}
    assert dict(zip(followed.effect.tolist(), followed.cause.tolist(), strict=True)) == {2: 1, 3: 1}
    assert links.roots(links=followed, rows=4).tolist() == [0, 1, 1, 1]


def test_an_order_that_led_to_a_surprising_bill_is_at_fault_though_nobody_wrote_it_down():
    told = cast.journey(
        {"day": 1, "kind": "order"},
        {"day": 20, "kind": "bill", "amount": 90.0, "expected_amount": 50.0},
        {"day": 22, "kind": "contact", "reason": "bill"},
    )
    found = links.infer(journeys=told, pack=PACK)
    followed = links.to_faults(journeys=told, links=found, pack=PACK)
    assert links.roots(links=followed, rows=3).tolist() == [0, 0, 0]


rows = st.fixed_dictionaries(
    {
        "day": st.integers(0, 40),
        "kind": st.sampled_from(["contact", "visit", "bill", "order", "zap"]),
        "reason": st.sampled_from(["", "fault", "bill"]),
        "facts": st.sampled_from(["", "late", "unresolved|repeat", "odd"]),
        "promise": st.sampled_from(["", "made", "broken"]),
        "promised_at": st.sampled_from([np.nan, 12.0, 20.0]),
    }
)


@given(st.lists(rows, max_size=12), st.lists(rows, max_size=12))
def test_a_cause_is_the_same_customers_and_earlier_and_unique(mary, john):
    told = cast.journey(mary=mary, john=john)
    found = links.infer(journeys=told, pack=PACK)
    owners = told.owners()
    assert len(set(found.effect.tolist())) == len(found.effect)
    assert (found.cause < found.effect).all()
    assert (owners[found.cause] == owners[found.effect]).all()


@given(st.lists(rows, max_size=12), st.lists(rows, max_size=12))
def test_one_customer_alone_gets_the_same_links_as_among_others(mary, john):
    together = causes(cast.journey(mary=mary, john=john))
    alone = causes(cast.journey(mary=mary))
    assert {effect: cause for effect, cause in together.items() if effect < len(mary)} == alone


def test_the_folder_says_what_it_offers():
    assert journeys.links is links
