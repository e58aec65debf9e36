from __future__ import annotations

import pytest

from valence.text import language
from valence.text.annotation import CANNOT_TELL


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The technician came two hours late", "en"),
        ("Der Techniker kam zwei Stunden zu spät", "de"),
        ("Le technicien est arrivé avec deux heures de retard", "fr"),
        ("El técnico llegó dos horas tarde", "es"),
        ("تأخر الفني ساعتين", "ar"),
        ("服务很差", "zh"),
        ("サービスが悪い", "ja"),
        ("서비스가 나빠요", "ko"),
        ("Il tecnico è arrivato in ritardo", "it"),
        ("Техник опоздал на два часа", "ru"),
        ("NOT HAPPY AT ALL", "en"),
        ("Muy mal", "es"),
        ("Great [name] https://shop.example/x", "en"),
        ("الخدمة ممتازة thanks", "ar"),
    ],
)
def test_a_comment_is_told_by_its_script_its_letters_and_small_words(text: str, code: str) -> None:
    assert language.read(text).code == code


@pytest.mark.parametrize("text", ["", "😀😀", "12345", "ok", "wifi", "[email]", "<b></b>", "!!!"])
def test_what_cannot_be_told_is_said_to_be_so(text: str) -> None:
    assert language.read(text).code == CANNOT_TELL


def test_what_the_customer_speaks_decides_where_letters_do_not() -> None:
    assert language.read("Internet langsam").code == CANNOT_TELL
    assert language.read("Internet langsam", hint="de-AT").code == "de"
    assert language.read("The bill was wrong again", hint="de").code == "en"
