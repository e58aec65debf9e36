"""What is asked, in which words, and what answers become."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from valence.surveys import becoming, checking, contrast, logic, registry, survey, templates
from valence.surveys.answer import Fault, Wrong
from valence.surveys.survey import Brand, Condition, Option, Question, Survey, Variant

NPS = templates.load(name="nps")
BILL = templates.load(name="bill")


def with_questions(*questions: Question, **changed: object) -> Survey:
    fields = {"name": "A", "purpose": survey.Purpose.CONTACT, "languages": ("en",), "intro": {"en": "Hello"}}
    return Survey(questions=questions, **{**fields, **changed})  # type: ignore[arg-type]


def faults_of(one: Survey) -> str:
    return "\n".join(checking.faults(one))


@pytest.mark.parametrize("name", templates.names())
def test_every_template_is_right_whole_in_five_languages_and_within_its_budget(name: str) -> None:
    one = templates.load(name=name)
    assert checking.check(one) is one
    assert len(one.languages) == 5
    assert checking.missing(one) == ()
    assert not checking.effort(one).over


@pytest.mark.parametrize("name", templates.names())
def test_a_stored_survey_is_the_same_survey(name: str) -> None:
    one = templates.load(name=name)
    assert survey.from_json(survey.to_json(one)) == one


def test_no_template_names_the_mark_of_the_net_score() -> None:
    for name in templates.names():
        assert "net promoter" not in templates.load(name=name).name.lower()


def test_a_text_that_a_language_lacks_is_named_with_its_place() -> None:
    lacking = msgspec.structs.replace(NPS, languages=(*NPS.languages, "tr"))
    places = {missing.place for missing in checking.missing(lacking)}
    assert {missing.language for missing in checking.missing(lacking)} == {"tr"}
    assert {"intro", "recommend", "recommend, low", "why", "why, variant 1", "why, help", "thanks, variant 3"} <= places


def test_the_why_follows_the_score() -> None:
    why = NPS.questions[1]
    asked = {
        score: logic.words(why, survey=NPS, answers={"recommend": score}, known={}, language="en")
        for score in (2, 8, 10)
    }
    assert asked[2] == "What went wrong, and what should we have done?"
    assert asked[8] == "What is the main reason for your 8?"
    assert asked[10] == "What did we do best?"


def test_a_question_is_asked_only_where_its_conditions_hold() -> None:
    def asked(score: int) -> list[str]:
        return [question.id for question in logic.asked(BILL, answers={"clear": score}, known={})]

    assert asked(3) == ["clear", "surprise", "why"]
    assert asked(6) == ["clear", "why"]


def test_what_the_record_says_is_never_asked() -> None:
    csat = templates.load(name="csat")
    asked = logic.asked(csat, answers={}, known={"interaction.settled": "yes"})
    assert "settled" not in {question.id for question in asked}
    assert "settled" in {question.id for question in logic.asked(csat, answers={}, known={})}


def test_an_answer_to_a_question_that_is_not_asked_any_more_counts_no_more() -> None:
    answers = {"clear": 7, "surprise": ("fee",), "why": "All fine"}
    assert logic.counting(BILL, answers=answers, known={}) == {"clear": 7, "why": "All fine"}


def test_a_condition_on_an_unasked_question_does_not_hold() -> None:
    first = Question(id="a", kind="short", text={"en": "A"}, when=(Condition(known="segment", among=("business",)),))
    second = Question(id="b", kind="short", text={"en": "B"}, when=(Condition(answer="a"),))
    one = with_questions(first, second)
    assert logic.asked(one, answers={"a": "x"}, known={"segment": "private"}) == ()
    assert logic.asked(one, answers={"a": "x"}, known={"segment": "business"}) == (first, second)


@pytest.mark.parametrize(
    ("condition", "value", "holds"),
    [
        (Condition(answer="q", least=3, most=5), 4, True),
        (Condition(answer="q", least=3, most=5), 6, False),
        (Condition(answer="q", least=3), "4.5", True),
        (Condition(answer="q", least=3), "many", False),
        (Condition(answer="q", among=("a", "b")), ("c", "b"), True),
        (Condition(answer="q", among=("a",)), {"row": "a"}, True),
        (Condition(answer="q"), None, False),
        (Condition(answer="q", unless=True), None, True),
        (Condition(answer="q", among=("0",)), 0, True),
    ],
)
def test_a_condition_holds_as_it_reads(condition: Condition, value: object, holds: bool) -> None:
    answers = {} if value is None else {"q": value}
    assert logic.holds(condition, answers=answers, known={}) is holds  # type: ignore[arg-type]


def test_answers_and_facts_are_put_into_words_in_the_readers_language() -> None:
    said = logic.filled(
        "{answer:surprise} / {known:interaction.day} / {known:nothing}",
        survey=BILL,
        answers={"surprise": ("higher", "fee")},
        known={"interaction.day": "3. März"},
        language="de",
    )
    assert said == "Höher als gesagt, Eine Gebühr, die niemand erwähnt hat / 3. März / …"


def test_what_somebody_writes_is_never_filled_in_again() -> None:
    answers = {"recommend": 3, "why": "{known:segment}"}
    said = logic.filled("{answer:why}", survey=NPS, answers=answers, known={"segment": "secret"}, language="en")
    assert said == "{known:segment}"


def test_a_form_that_cannot_be_taken_leaves_the_earlier_answer() -> None:
    answers, wrong = logic.take(BILL, given={"clear": {"": ("9",)}}, answers={"clear": 2}, known={})
    assert answers == {"clear": 2}
    assert wrong == {"clear": Wrong(Fault.NOT_A_CHOICE)}


def test_a_field_sent_empty_takes_an_answer_back_and_one_not_sent_does_not() -> None:
    before = {"clear": 2, "why": "So"}
    assert logic.take(BILL, given={"why": {"": ("",)}}, answers=before, known={})[0] == {"clear": 2}
    assert logic.take(BILL, given={}, answers=before, known={})[0] == before


CHOSEN = tuple(Option(id=word, text={"en": word}) for word in ("a", "b", "c"))
ROWS = tuple(Option(id=word, text={"en": word}) for word in ("x", "y"))
ENDS = {"low": {"en": "no"}, "high": {"en": "yes"}}
EXAMPLES = {
    "scale": (Question(id="q", kind="scale", text={"en": "?"}, scale="csat", **ENDS), {"": ("4",)}, 4, {"": ("6",)}),
    "choice": (Question(id="q", kind="choice", text={"en": "?"}, options=CHOSEN), {"": ("b",)}, "b", {"": ("z",)}),
    "choices": (
        Question(id="q", kind="choices", text={"en": "?"}, options=CHOSEN, most=2),
        {"": ("c", "a")},
        ("a", "c"),
        {"": ("a", "b", "c")},
    ),
    "ranking": (
        Question(id="q", kind="ranking", text={"en": "?"}, options=CHOSEN),
        {"a": ("3",), "b": ("1",), "c": ("",)},
        ("b", "a"),
        {"a": ("1",), "b": ("1",)},
    ),
    "grid": (
        Question(id="q", kind="grid", text={"en": "?"}, options=CHOSEN, rows=ROWS),
        {"x": ("a",)},
        {"x": "a"},
        {"x": ("z",)},
    ),
    "short": (Question(id="q", kind="short", text={"en": "?"}), {"": (" hi\x00 ",)}, "hi", {"": ("x" * 201,)}),
    "long": (Question(id="q", kind="long", text={"en": "?"}), {"": ("hi",)}, "hi", {"": ("x" * 4001,)}),
}


@pytest.mark.parametrize("name", registry.KINDS)
def test_every_kind_takes_an_answer_refuses_a_wrong_one_and_lets_silence_be(name: str) -> None:
    question, given, answer, wrong = EXAMPLES[name]
    kind = registry.KINDS[name]
    assert kind.faults(question) == []
    assert kind.accept(question, given) == answer
    assert isinstance(kind.accept(question, wrong), Wrong)
    assert kind.accept(question, {}) is None
    assert kind.seconds(question) > 0
    assert checking.missing(with_questions(question)) == ()


@pytest.mark.parametrize("name", sorted(set(registry.KINDS) - {"short", "long"}))
def test_every_kind_says_what_it_lacks(name: str) -> None:
    assert "question 'q'" in faults_of(with_questions(Question(id="q", kind=name, text={"en": "?"})))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (with_questions(), "asks nothing"),
        (with_questions(Question(id="q", kind="stars", text={"en": "?"})), "is of kind 'stars'"),
        (with_questions(*[Question(id="q", kind="long", text={"en": "?"})] * 2), "used twice"),
        (with_questions(Question(id="q", kind="long", text={"de": "?"})), "has no words in en"),
        (
            with_questions(Question(id="q", kind="long", text={"en": "?"}, role="score")),
            "only a scale can be the score",
        ),
        (
            with_questions(Question(id="q", kind="long", text={"en": "?"}, when=(Condition(answer="later"),))),
            "depends on 'later', which is not asked before it",
        ),
        (with_questions(Question(id="q", kind="long", text={"en": "{answer:q}?"})), "repeats the answer to 'q'"),
        (with_questions(Question(id="q", kind="long", text={"en": "?"}), brand=Brand(colour="red")), "is not a colour"),
        (with_questions(Question(id="q", kind="long", text={"en": "?"}), languages=()), "names no language"),
    ],
)
def test_a_wrong_survey_says_what_is_wrong(wrong: Survey, words: str) -> None:
    assert words in faults_of(wrong)
    with pytest.raises(survey.SurveyError):
        checking.check(wrong)


def test_unknown_fields_are_refused_not_dropped() -> None:
    with pytest.raises(survey.SurveyError, match="colour"):
        survey.read({**msgspec.to_builtins(NPS), "colour": "red"})


def test_words_fall_back_to_the_base_language_and_then_to_the_first() -> None:
    said = {"en": "Thanks", "pt": "Obrigado"}
    assert survey.said_in(said, language="pt-BR", survey=NPS) == "Obrigado"
    assert survey.said_in(said, language="tr", survey=NPS) == "Thanks"


@pytest.mark.parametrize("colour", ["#ffff00", "#4a3fb5", "#808080", "#000000", "#ffffff"])
def test_a_brands_colour_can_be_read_on_both_pages_and_text_on_it(colour: str) -> None:
    for dark, page in ((False, contrast.PAPER), (True, contrast.NIGHT)):
        shown = contrast.readable(colour, on_dark=dark)
        assert contrast.ratio(contrast._parsed(shown), page) >= contrast.LEAST
        text = contrast.text_on(shown)
        assert contrast.ratio(contrast._parsed(shown), contrast._parsed(text)) >= contrast.LEAST


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast.ratio((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast.ratio((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


NOON = datetime(2026, 3, 21, 12, tzinfo=UTC)
ASKED = becoming.Asked(
    invitation="i-1",
    survey_id="nps",
    version=2,
    customer_id="C1",
    channel="email",
    language="de",
    asked_at=NOON,
    answered_at=NOON,
    about={"ref": "field:v-9", "department": "field", "team_id": "t1", "kind": "visit"},
)


def test_answers_become_one_interaction_said_of_the_team_that_was_asked_about() -> None:
    answers = {"clear": 2, "surprise": ("fee",), "why": "Nobody told me"}
    made = becoming.interaction(BILL, answers=answers, known={}, asked=ASKED)
    assert made is not None
    assert made["score"] == 2
    assert made["scale"] == "ces"
    assert made["text"] == "Nobody told me"
    assert made["department"] == "field"
    assert made["caused_by"] == "field:v-9"
    assert made["attributes"]["answers"] == {"surprise": ["fee"]}
    assert made["attributes"]["version"] == 2


def test_nothing_answered_becomes_nothing() -> None:
    assert becoming.interaction(BILL, answers={}, known={}, asked=ASKED) is None


def test_the_first_thanks_that_holds_is_said() -> None:
    low = logic.first_that_holds(NPS.thanks, answers={"recommend": 2}, known={})
    high = logic.first_that_holds(NPS.thanks, answers={"recommend": 10}, known={})
    silent = logic.first_that_holds(NPS.thanks, answers={}, known={})
    assert [one.text["en"].split(".")[0] for one in (low, high, silent) if isinstance(one, Variant)] == [
        "Thank you for being frank",
        "Thank you",
        "Thank you",
    ]
