"""A SurveyJS definition is asked as it was meant, or refused with every reason."""

from __future__ import annotations

import json

import pytest

from valence.surveys import surveyjs
from valence.surveys.survey import Condition, Purpose, SurveyError

GOOD = {
    "title": {"default": "After your call", "de": "Nach Ihrem Anruf"},
    "pages": [
        {
            "elements": [
                {
                    "type": "rating",
                    "name": "score",
                    "title": {"default": "How satisfied?", "de": "Wie zufrieden?"},
                    "rateMin": 1,
                    "rateMax": 5,
                    "minRateDescription": "Not at all",
                    "maxRateDescription": "Very",
                    "isRequired": True,
                },
                {
                    "type": "checkbox",
                    "name": "what",
                    "choices": ["wait", {"value": "tone", "text": "The tone"}],
                    "visibleIf": "{score} < 4 and {score} notempty",
                },
                {"type": "matrix", "name": "how", "columns": ["good", "bad"], "rows": ["speed", "care"]},
                {"type": "comment", "name": "why", "visibleIf": "{what} = 'tone'"},
            ]
        }
    ],
}


def read(definition: object) -> object:
    return surveyjs.read(text=json.dumps(definition), purpose=Purpose.CONTACT)


def test_a_known_definition_is_read_whole() -> None:
    one = surveyjs.read(text=json.dumps(GOOD), purpose=Purpose.CONTACT)
    assert [(question.id, question.kind, question.role) for question in one.questions] == [
        ("score", "scale", "score"),
        ("what", "choices", ""),
        ("how", "grid", ""),
        ("why", "long", "words"),
    ]
    assert one.languages == ("en", "de")
    assert one.questions[0].must
    assert one.questions[1].when == (Condition(answer="score", most=3), Condition(answer="score"))
    assert one.questions[1].options[1].text == {"en": "The tone"}


@pytest.mark.parametrize(
    ("element", "words"),
    [
        ({"type": "file", "name": "q"}, "type 'file'"),
        ({"type": "comment", "name": "q", "validators": []}, "validators is not known"),
        ({"type": "rating", "name": "q", "rateMin": 1, "rateMax": 9}, "scale is none of"),
        ({"type": "comment", "name": "q", "visibleIf": "{a} = 1 or {b} = 2"}, "only join comparisons"),
        ({"type": "comment", "name": "q", "visibleIf": "age({a}) > 2"}, "only join comparisons"),
        ({"type": "text", "name": "q", "inputType": "date"}, "inputType date"),
        ({"type": "comment", "name": "a b"}, "not a plain word"),
        ({"type": "comment", "name": "q", "visibleIf": "{z} = 1"}, "not asked before it"),
    ],
)
def test_what_would_be_asked_otherwise_is_refused_by_name(element: object, words: str) -> None:
    with pytest.raises(SurveyError, match=words.replace("(", r"\(")):
        read({"elements": [element]})


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"pages": 3}', '{"elements": []}', '{"triggers": []}'])
def test_what_is_no_definition_is_refused(text: str) -> None:
    with pytest.raises(SurveyError):
        surveyjs.read(text=text, purpose=Purpose.CONTACT)
