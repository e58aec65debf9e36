"""An analyst's SQL is answered from everything that was admitted, and can change nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import LazySettings

from valence.flows import questions


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> None:
    settings.HOME = replace(settings.HOME, folder=tmp_path)


@pytest.mark.parametrize(
    "text", ["", "delete from interactions", "drop table interactions", "copy interactions to 'x'"]
)
def test_only_questions_are_answered(text: str):
    with pytest.raises(questions.NotAQuestion, match="Only questions"):
        questions.answer(query=text)


@pytest.mark.django_db(transaction=True)
def test_a_question_that_makes_no_sense_says_why():
    with pytest.raises(questions.NotAQuestion, match="nonsense"):
        questions.answer(query="select nonsense from interactions")


@pytest.mark.django_db(transaction=True)
def test_an_empty_log_answers_with_nothing():
    assert questions.answer(query="select count(*) as n, count(left_at) as lost from interactions") == [
        {"n": 0, "lost": 0}
    ]
