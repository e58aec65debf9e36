"""Consent: the newest word counts, a withdrawal of all channels beats an agreement to one, and both are proved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from valence import organisation
from valence.customers import actions, consent, rules_consent
from valence.customers.rules import CustomerRecord
from valence.customers.rules_consent import Basis, Held, Purpose, Word, held

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def word(purpose: str = "feedback", channel: str = "email", *, days: int = 0, no: bool = False) -> Word:
    return Word(Purpose(purpose), channel, Basis.CONSENT, NOW + days * DAY, "test", withdrawn=no)


def allowed(one: Held, purpose: str = "feedback", channel: str = "email") -> bool:
    return one.may(purpose=purpose, channel=channel).allowed


def test_where_nothing_was_said_feedback_rests_on_legitimate_interest_and_marketing_needs_a_yes() -> None:
    nothing = held([])
    assert allowed(nothing)
    assert nothing.may(purpose="feedback", channel="sms").basis == "legitimate_interest"
    assert not allowed(nothing, "marketing")
    assert allowed(nothing, "service")


def test_a_company_that_asks_only_who_agreed_asks_nobody_else() -> None:
    assert not allowed(held([], only_agreed=True))
    assert allowed(held([word()], only_agreed=True))


def test_the_newest_word_counts_in_whatever_order_words_arrive() -> None:
    assert not allowed(held([word(days=2, no=True), word(days=1)]))
    assert allowed(held([word(days=3), word(days=2, no=True)]))


def test_a_withdrawal_from_all_channels_ends_an_earlier_agreement_to_one_but_not_a_later_one() -> None:
    everything = word(channel="", days=1, no=True)
    assert not allowed(held([word(), everything]))
    assert allowed(held([everything, word(days=2)]))
    assert not allowed(held([everything, word(days=2)]), channel="sms")


def test_a_reason_says_since_when_and_by_whose_word() -> None:
    said = held([word(no=True)]).may(purpose="feedback", channel="email")
    assert said.why == "withdrawn on 2026-03-20 (test)"


@pytest.mark.parametrize("cell", ["fun:email", "feedback:pigeon", "feedback:email|x"])
def test_a_cell_that_says_something_else_is_refused(cell: str) -> None:
    with pytest.raises(rules_consent.ConsentError):
        rules_consent.read(cell)


def _known(customer_id: str = "c1", **more: str) -> int:
    record = CustomerRecord(customer_id=customer_id, joined_at=NOW - 100 * DAY, **more)  # type: ignore[arg-type]
    actions.put(records=[record], now=NOW)
    [key] = actions.identify(customer_ids=[customer_id], now=NOW)
    assert isinstance(key, int)
    return key


@pytest.mark.django_db
def test_a_record_brings_consent_and_the_same_record_again_adds_no_word() -> None:
    key = _known(consents="feedback:email|marketing:-sms", prefers="sms")
    _known(consents="feedback:email|marketing:-sms", prefers="sms")
    assert len(consent.history(customer_key=key)) == 2
    assert consent.may(customer_key=key, purpose="feedback", channel="email").basis == "consent"
    assert consent.of(customer_keys=[key])[key].prefers == "sms"


@pytest.mark.django_db
def test_a_withdrawal_counts_at_once_and_leaves_the_proof_of_what_held_before() -> None:
    key = _known(consents="feedback:email")
    consent.withdraw(customer_key=key, purpose="feedback", source="mail", now=NOW + DAY)
    assert not consent.may(customer_key=key, purpose="feedback", channel="email").allowed
    assert [one.withdrawn for one in consent.history(customer_key=key)] == [True, False]


@pytest.mark.django_db
def test_an_import_that_is_undone_takes_its_agreements_back_and_leaves_withdrawals() -> None:
    record = CustomerRecord("c1", NOW - DAY, consents="feedback:email|feedback:-sms")
    actions.put(records=[record], now=NOW, batch=7)
    [key] = actions.identify(customer_ids=["c1"], now=NOW)
    assert consent.take_back(source=consent.source_of(batch=7)) == 1
    assert [(one.channel, one.withdrawn) for one in consent.history(customer_key=int(key))] == [("sms", True)]  # type: ignore[arg-type]


@pytest.mark.django_db
def test_what_a_person_said_goes_with_the_person() -> None:
    key = _known(consents="feedback:email", prefers="sms")
    actions.forget(keys=[key])
    assert consent.history(customer_key=key) == ()
    assert consent.of(customer_keys=[key]) == {}
    assert not consent.may(customer_key=key, purpose="service", channel="email").allowed


def test_the_company_chooses_whether_silence_is_enough() -> None:
    with pytest.raises(organisation.NotUsable):
        organisation.checked(organisation.Organisation(feedback_basis="luck"))
    assert organisation.Organisation(feedback_basis="consent").only_agreed
