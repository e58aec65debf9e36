"""What follows from a try, and what a text message says: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import formats, translation

from valence.channels import replies, rules, signing
from valence.channels.replies import Reply, Wish
from valence.channels.values import Problem, State, Why

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
LATER = Problem(Why.TRY_LATER, lasting=False)
DOWN = Problem(Why.NOT_REACHED, lasting=False, about_all=True)


def after(problem: Problem | None, *, tries: int = 1, until: datetime | None = None, now: datetime = NOW) -> rules.Next:
    return rules.after(problem=problem, tries=tries, queued_at=NOW, until=until, now=now)


def test_a_message_that_cannot_go_now_waits_longer_each_time() -> None:
    waits = [after(LATER, tries=tries).next_try_at for tries in range(1, 10)]
    assert [str(at - NOW) for at in waits if at] == sorted(str(at - NOW) for at in waits if at)
    assert waits[0] == NOW + timedelta(minutes=1)
    assert waits[-1] == NOW + timedelta(hours=4)


def test_a_server_that_is_down_costs_a_message_no_longer_wait() -> None:
    assert after(DOWN, tries=60).next_try_at == NOW + rules.REST


def test_it_is_given_up_when_nobody_wants_it_any_more() -> None:
    assert after(LATER, until=NOW + timedelta(seconds=30)).state is State.FAILED
    assert after(LATER, now=NOW + timedelta(days=3)).state is State.FAILED
    assert after(DOWN, now=NOW + timedelta(days=2)).state is State.QUEUED


def test_an_address_that_does_not_exist_bounces_at_once_and_is_marked() -> None:
    refused = Problem(Why.ADDRESS_REFUSED, lasting=True)
    assert after(refused).state is State.BOUNCED
    assert rules.marks_address(refused)
    assert not rules.marks_address(Problem(Why.MESSAGE_REFUSED, lasting=True))


def test_what_may_have_left_is_never_sent_again() -> None:
    assert after(Problem(Why.BROKEN_OFF, lasting=True)).state is State.UNSURE


@pytest.mark.parametrize(
    ("text", "score", "words"),
    [
        ("7 it was slow", 7, "it was slow"),
        ("7", 7, ""),
        ("10!", 10, ""),
        ("0", 0, ""),
        ("٧ كان بطيئا", 7, "كان بطيئا"),
        ("۵", 5, ""),
        ("٣، لأن الفني لم يأت", 3, "الفني لم يأت"),
        ("8 - sehr freundlich", 8, "sehr freundlich"),
        ("9 von 10 weil nett", 9, "nett"),
        ("7/10 because slow", 7, "slow"),
        ("6 parce que personne n'est venu", 6, "personne n'est venu"),
        ("2, porque nadie llamó", 2, "nadie llamó"),
        ("It was slow. 3", 3, "It was slow"),
        ("\u200f4\u200f", 4, ""),
        ("I waited 3 hours", None, "I waited 3 hours"),
        ("3 hours late", None, "3 hours late"),
        ("Ich habe 2 Stunden gewartet", None, "Ich habe 2 Stunden gewartet"),
        ("11", None, "11"),
        ("-1", None, "-1"),
        ("7.5", None, "7.5"),
        ("thank you", None, "thank you"),
    ],
)
def test_a_number_and_why_are_understood_in_every_script(text: str, score: int | None, words: str) -> None:
    assert replies.read(text, least=0, most=10) == Reply(Wish.ANSWER, score, words)


@pytest.mark.parametrize("text", ["STOP", "stop.", " Stop! ", "abmelden", "arrêt", "BAJA", "توقف"])
def test_stop_is_understood_in_every_language(text: str) -> None:
    assert replies.read(text, least=0, most=10).wish is Wish.STOP


def test_a_stop_within_an_answer_is_part_of_it() -> None:
    assert replies.read("3 please stop calling me", least=0, most=10) == Reply(Wish.ANSWER, 3, "please stop calling me")


def test_start_is_understood() -> None:
    assert replies.read("START", least=0, most=10).wish is Wish.START


def test_a_providers_signature_is_checked_over_address_and_fields() -> None:
    # The worked example of Twilio's documentation on validating requests, computed with its token "12345".
    address = "https://mycompany.com/myapp.php?foo=1&bar=2"
    form = {
        "CallSid": ["CA1234567890ABCDE"],
        "Caller": ["+14158675309"],
        "Digits": ["1234"],
        "From": ["+14158675309"],
        "To": ["+18005551212"],
    }
    good = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert signing.is_signed(token="12345", address=address, form=form, signature=good)
    assert not signing.is_signed(token="12345", address=address, form={**form, "Digits": ["9"]}, signature=good)
    assert not signing.is_signed(token="", address=address, form=form, signature=good)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "23 November 2026"), ("en-gb", "23 November 2026"), ("de", "23. November 2026"), ("fr", "23 novembre 2026"),
     ("es", "23 de noviembre de 2026"), ("ar", "23 نوفمبر، 2026")],
)  # fmt: skip
def test_letters_write_days_as_their_language_does_and_english_ones_the_day_first(language: str, said: str) -> None:
    with translation.override(language):
        assert formats.date_format(datetime(2026, 11, 23, 12, tzinfo=UTC), "DATE_FORMAT") == said
