from __future__ import annotations

from datetime import UTC, datetime

import pytest

from valence.text import promises

TUESDAY = datetime(2026, 5, 12, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "text", "due"),
    [
        ("en", "They promised to call me back by Friday", "2026-05-16T00:00"),
        ("en", "We will credit your account within 5 working days", "2026-05-20T00:00"),
        ("en", "promised for 12 June", "2026-06-13T00:00"),
        ("en", "They promised it by 2026-06-01", "2026-06-02T00:00"),
        ("en", "Someone will call you tomorrow", "2026-05-14T00:00"),
        ("de", "Mir wurde der Rückruf innerhalb von 3 Tagen zugesagt", "2026-05-15T10:00"),
        ("de", "Bis zum 20.5. wurde mir das Gerät versprochen", "2026-05-21T00:00"),
        ("fr", "On m'a promis un avoir avant la fin du mois", "2026-06-01T00:00"),
        ("fr", "Ils ont promis de rappeler sous 48 heures", "2026-05-14T10:00"),
        ("es", "Prometieron venir el viernes", "2026-05-16T00:00"),
        ("ar", "قالوا بنتصل عليك خلال ٢٤ ساعة", "2026-05-13T10:00"),
    ],
)
def test_a_promise_falls_due_when_the_words_say(language: str, text: str, due: str) -> None:
    (heard,) = promises.read(text=text, language=language, now=TUESDAY)
    assert heard.due_at == datetime.fromisoformat(f"{due}+00:00")
    assert heard.span.of(text) == text
    assert not heard.said_broken


def test_a_promise_that_was_not_kept_fell_due_before() -> None:
    (heard,) = promises.read(text="He said he'd refund us by Monday. Still nothing!", language="en", now=TUESDAY)
    assert heard.said_broken
    assert heard.due_at == datetime(2026, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["They promised it for 05/06/2026", "They promised to call", "They promised it soon"])
def test_what_could_be_two_days_or_none_is_none(text: str) -> None:
    (heard,) = promises.read(text=text, language="en", now=TUESDAY)
    assert heard.due_at is None


@pytest.mark.parametrize("text", ["We will be back!", "I promise you will regret it", "Lovely food", ""])
def test_what_binds_nobody_is_no_promise(text: str) -> None:
    assert promises.read(text=text, language="en", now=TUESDAY) == ()
