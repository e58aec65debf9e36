"""Promises of the packs: readable, checked, changed by an overlay that survives an upgrade."""

from pathlib import Path

import pytest

from valence import packs


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "telco.toml"
    path.write_text(text)
    return path


def test_the_telco_pack_speaks_of_every_fact_of_the_contract():
    pack = packs.load()
    contract = [
        "late",
        "no_show",
        "left_mess",
        "not_fixed",
        "unresolved",
        "repeat",
        "misinformed",
        "extra_mile",
        "irrelevant",
    ]
    assert set(contract) <= set(pack.facts)
    assert pack.say_fact("late") == "came late"
    assert pack.say_fact("fee_not_mentioned") == "fee not mentioned"


def test_every_fact_of_harm_has_a_mark_and_a_phrase():
    pack = packs.load()
    marked = {fact for mark in pack.marks for fact in mark.when.get("facts", ())}
    assert marked <= set(pack.facts)


def test_unknown_words_are_said_without_underscores():
    pack = packs.load()
    assert pack.say_kind("meter_reading") == "Meter reading"
    assert pack.say_department("back_office") == "Back office"


def test_another_name_of_a_fact_is_known():
    pack = packs.load()
    assert pack.known_as("facts", "No-Show") == "no_show"
    assert pack.known_as("facts", "broken promise") == "promise_broken"
    assert "broken_promise" in pack.harmful_facts


def test_an_overlay_changes_adds_and_removes_and_is_named_in_the_version(tmp_path):
    overlay = written(
        tmp_path,
        """
[facts]
late = { label = "Too late", phrase = "came too late" }
wrong_meter = { label = "Wrong meter" }
[[marks]]
name = "late"
weight = 0.9
[[marks]]
name = "wrong_meter"
when = { facts = ["wrong_meter"] }
sign = "harm"
weight = 0.3
[[marks]]
name = "pushy"
remove = true
""",
    )
    pack = packs.load(overlay=overlay)
    marks = {mark.name: mark for mark in pack.marks}
    assert marks["late"].weight == 0.9
    assert marks["late"].sign is packs.Sign.HARM
    assert "wrong_meter" in marks
    assert "pushy" not in marks
    assert pack.say_fact("late") == "came too late"
    assert pack.version.startswith(packs.load().version + "+")


def test_without_an_overlay_file_the_pack_is_the_pack(tmp_path):
    assert packs.load(overlay=tmp_path / "absent.toml") == packs.load()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[[marks]]\nname = "late"\nwieght = 1\n', "line 3: wieght"),
        ('[[marks]]\nname = "late"\nweight = -1\n', "line 2: late: weight"),
        ('[[marks]]\nname = "late"\nsign = "bad"\n', "sign must be one of"),
        ('[[marks]]\nname = "x"\nvalue = "mood"\nsign = "harm"\n', "value 'mood'"),
        ('[[marks]]\nname = "x"\n', "needs `when` or `value`"),
        ('[[marks]]\nname = "nowhere"\nremove = true\n', "cannot remove"),
        ('[[pairs]]\nfamilies = ["promise", "moon"]\n', "families"),
        ("[[marks]\n", "telco.toml"),
        ("colour = 1\n", "unknown field"),
        ("[facts]\nlate = 3\n", "must be a table"),
        ('[[marks]]\nname = "late"\nper = 0\n', "per must be a number above 0"),
    ],
)
def test_a_wrong_overlay_names_its_line_or_field(tmp_path, text, named):
    with pytest.raises(packs.PackError, match=r"telco\.toml") as caught:
        packs.load(overlay=written(tmp_path, text))
    assert named in str(caught.value)


def test_an_overlay_that_is_not_text_is_refused(tmp_path):
    path = tmp_path / "telco.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(packs.PackError, match="UTF-8"):
        packs.load(overlay=path)


def test_there_is_no_way_out_of_the_folder():
    with pytest.raises(packs.PackError, match="no pack"):
        packs.load(name="../telco")
