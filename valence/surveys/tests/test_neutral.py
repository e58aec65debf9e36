"""Questions that lead are named before a launch; what ships leads nobody."""

import msgspec
import pytest

from valence.surveys import neutral, templates


@pytest.mark.parametrize("name", templates.names())
def test_no_template_leads(name: str) -> None:
    assert neutral.leads(templates.load(name=name)) == ()


@pytest.mark.parametrize(
    ("language", "text", "why"),
    [
        ("en", "How was our award-winning service?", "praises"),
        ("en", "Don't you agree that it went well?", "presses"),
        ("en", "How satisfied are you? \U0001f600", "picture"),
        ("en", "PLEASE ANSWER!!", "shouts"),
        ("en", "How satisfied are you with the price and the service?", "two things"),
        ("de", "Wie fanden Sie unseren ausgezeichneten Service?", "praises"),
        ("de", "Das lief gut, nicht wahr?", "presses"),
        ("fr", "À quel point avez-vous apprécié notre équipe ?", "presses"),
        ("es", "¿Qué le pareció nuestro excelente servicio?", "praises"),
        ("ar", "كيف وجدت خدمتنا الممتازة؟", "praises"),
    ],
)
def test_what_leads_is_named_with_its_reason(language: str, text: str, why: str) -> None:
    survey = templates.load(name="csat")
    first = msgspec.structs.replace(survey.questions[0], text={**survey.questions[0].text, language: text})
    changed = msgspec.structs.replace(survey, questions=(first, *survey.questions[1:]))
    [found] = neutral.leads(changed)
    assert (found.place, found.language, found.said) == (first.id, language, text)
    assert why in found.why
