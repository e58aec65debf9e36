"""What those who said something are told: their own words, their language, once what was changed is written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from valence.cases import changed
from valence.cases.changed import Initiative, Said, State, WrongInitiative

CHANGE = {"en": "Bills now name each fee.", "de": "Rechnungen nennen jetzt jede Gebühr."}
SAID = Said(name="Ines Caldera", date="4 May 2026", quote="Nobody told me about {this} fee!")


def test_they_read_their_own_words_then_what_was_changed():
    told = changed.thanks(change=CHANGE, wanted="en-GB", said=SAID, number=0)
    assert told.language == "en"
    assert told.text.index("Nobody told me about {this} fee!") < told.text.index("Bills now name each fee.")
    assert "Ines Caldera" in told.text


def test_in_their_language_else_in_english_else_as_it_is_written():
    assert changed.thanks(change=CHANGE, wanted="de", said=SAID, number=1).language == "de"
    assert changed.thanks(change=CHANGE, wanted="sv", said=SAID, number=1).language == "en"
    assert changed.thanks(change={"fr": "Voilà."}, wanted="sv", said=SAID, number=1).language == "fr"


def test_not_everybody_reads_the_same_and_who_wrote_nothing_is_not_quoted():
    said = replace(SAID, quote="")
    texts = {changed.thanks(change=CHANGE, wanted="en", said=said, number=number).text for number in range(8)}
    assert len(texts) > 3
    assert not any("“" in text for text in texts)


def test_long_words_are_cut_between_words():
    short = changed.shortened("word " * 200)
    assert len(short) <= changed.LONGEST_QUOTE + 2
    assert short.endswith("word …")


def test_nobody_is_told_before_it_is_done_and_written():
    about = Initiative(title="Fees", owner=1)
    assert "done" in changed.may_tell(wanted=about)
    assert "changed" in changed.may_tell(wanted=replace(about, state=State.DONE, change={"en": " "}))
    assert changed.may_tell(wanted=replace(about, state=State.DONE, change=CHANGE)) == ""


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"title": "x" * 200}, {"change": {"english": "x"}}, {"target": 1.5}, {"words": "x" * 3_000}],
)
def test_what_cannot_be_kept_is_refused_in_words(wrong: dict[str, object]):
    with pytest.raises(WrongInitiative):
        changed.check(wanted=replace(Initiative(title="Fees", owner=1), **wrong))  # type: ignore[arg-type]
