"""Who appears in a story, how each is spoken of, what each promised, and being sent from one to the next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from valence.text import clauses, promises, story
from valence.text.annotation import Feeling, Story
from valence.text.tone import reading

NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)


def _read(text: str, language: str = "en") -> Story:
    return story.read(
        text=text,
        language=language,
        clauses=clauses.split(text, language=language),
        felt=reading.read(text=text, language=language),
        heard=promises.read(text=text, language=language, now=NOW),
    )


def test_installer_seller_and_billing_each_appear_with_how_they_are_spoken_of():
    found = _read(
        "The sales rep was lovely and promised a free modem by Friday. The technician was rude. "
        "Then the billing department told me to call the hotline."
    )
    told = {one.role: (one.department, one.feeling, one.promised) for one in found.people}
    assert told == {
        "seller": ("sales", Feeling.POSITIVE, True),
        "technician": ("field", Feeling.NEGATIVE, False),
        "billing_clerk": ("billing", Feeling.CANNOT_TELL, False),
        "agent": ("care", Feeling.CANNOT_TELL, False),
    }
    assert found.departments == ("sales", "field", "billing", "care")
    assert found.is_between


def test_each_rests_on_words_of_the_text_in_order():
    text = "The driver left it at the door, a technician came, the driver laughed."
    found = _read(text)
    assert [[span.of(text) for span in one.rests_on] for one in found.people] == [
        ["The driver", "the driver"],
        ["technician"],
    ]


@pytest.mark.parametrize(
    ("language", "text", "roles"),
    [
        ("en", "I was transferred to another department and had to explain everything again to the agent.", {"agent"}),
        ("de", "Der Techniker kam nicht, die Hotline war nicht zuständig.", {"technician", "agent"}),
        ("fr", "Le technicien et le service client se renvoient la balle.", {"technician", "agent"}),
        (
            "es",
            "El técnico no vino y en atención al cliente me pasaron de un departamento a otro.",
            {"technician", "agent"},
        ),
        ("ar", "الفني لم يأت وخدمة العملاء حولوني إلى قسم آخر", {"technician", "agent"}),
    ],
)
def test_being_sent_from_one_to_the_next_is_heard_in_five_languages(language: str, text: str, roles: set[str]):
    found = _read(text, language)
    assert {one.role for one in found.people} >= roles
    assert found.handed_on
    assert found.is_between


def test_a_text_without_people_has_no_story():
    assert _read("The bill is too high.") == Story()


def test_every_role_has_words_in_five_languages_and_a_department():
    table = story._table()
    for role, listed in table.items():
        assert {"en", "de", "fr", "es", "ar"} <= set(listed), role
    assert set(story.departments()) == set(table) - {story.HANDED_ON}
