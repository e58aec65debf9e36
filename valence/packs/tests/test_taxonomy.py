from __future__ import annotations

from pathlib import Path

import pytest

from valence.packs import PackError, taxonomy


@pytest.mark.parametrize("name", taxonomy.industries())
def test_every_industry_speaks_five_languages(name: str) -> None:
    for theme in taxonomy.load(name=name).themes:
        assert set(taxonomy.LANGUAGES) <= set(theme.keywords), theme.name
        assert set(taxonomy.LANGUAGES) <= set(theme.examples), theme.name
        assert theme.description


@pytest.mark.parametrize("name", taxonomy.industries())
def test_every_industry_has_sentences_to_learn_from(name: str) -> None:
    written = taxonomy.seeds(name=name)
    count = {code: sum(seed.language == code for seed in written) for code in taxonomy.LANGUAGES}
    assert count["en"] >= 200
    assert min(count.values()) >= 40
    assert len({seed.text for seed in written}) == len(written)
    used = {theme for seed in written for theme in seed.themes}
    assert used == {theme.name for theme in taxonomy.load(name=name).themes}


def test_an_overlay_adds_changes_and_removes_themes(tmp_path: Path) -> None:
    overlay = tmp_path / "themes.toml"
    overlay.write_text(
        '[themes.food]\nlabel = "Kitchen"\n[themes.food.keywords]\nen = ["grub"]\n'
        '[themes.drinks]\nremove = true\n[themes.kids]\nlabel = "Children"\n'
    )
    shipped = taxonomy.load(name="restaurant")
    changed = taxonomy.load(name="restaurant", overlay=overlay)
    food = changed.theme(name="food")
    assert food is not None
    assert (food.label, food.keywords["en"]) == ("Kitchen", ("grub",))
    assert food.keywords["de"] == shipped.themes[0].keywords["de"]
    assert {theme.name for theme in changed.themes} == {theme.name for theme in shipped.themes} - {"drinks"} | {"kids"}
    assert changed.version.startswith(f"{shipped.version}+")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('[themes.food]\nlabell = "x"', "labell"),
        ('[themes.Food]\nlabel = "x"', "small letters"),
        ("[themes.kids]\ndescription = 'x'", "label"),
        ('[themes.food.keywords]\nenglish = ["x"]', "english"),
        ('[themes.food.keywords]\nen = "x"', "list of words"),
        ("[themes", "themes.toml"),
    ],
)
def test_a_wrong_overlay_is_refused_and_says_where(tmp_path: Path, written: str, said: str) -> None:
    overlay = tmp_path / "themes.toml"
    overlay.write_text(written)
    with pytest.raises(PackError, match=said):
        taxonomy.load(name="restaurant", overlay=overlay)


def test_what_others_call_a_theme_leads_to_it() -> None:
    themes = taxonomy.load(name="restaurant")
    found = themes.theme(name="Anecdotes/miscellaneous")
    assert found is not None
    assert found.rest
    assert themes.theme(name="shoes") is None
