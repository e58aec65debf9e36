"""How an answer came: measured without being stored, told without telling whose device it was."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from valence.home import Home
from valence.surveys import traces
from valence.surveys.survey import Option, Purpose, Question, Survey

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOME = Home(folder=Path("/nowhere"), master_key=b"k" * 32)
ROWS = tuple(Option(id=name, text={"en": name}) for name in ("a", "b", "c"))
GRID = Survey(
    name="s",
    purpose=Purpose.VISIT,
    languages=("en",),
    intro={"en": "?"},
    questions=(Question(id="g", kind="grid", text={"en": "?"}, options=ROWS, rows=ROWS),),
)


def _read(
    note: str, *, after: float = 12.5, address: str = "10.0.0.1", browser: str = "b", days: int = 0
) -> traces.Trace:
    now = NOW + timedelta(seconds=after, days=days)
    return traces.read(home=HOME, note=note, address=address, browser=browser, now=now)


def test_it_tells_how_long_answering_took() -> None:
    assert _read(traces.shown(home=HOME, now=NOW)).seconds == 12.5


def test_a_forged_note_a_page_left_open_and_one_of_the_future_tell_nothing() -> None:
    note = traces.shown(home=HOME, now=NOW)
    assert _read(note.replace(note[0], "9", 1)).seconds is None
    assert _read(note, after=4000).seconds is None
    assert _read(note, after=-5).seconds is None
    assert [_read(text).seconds for text in ("", ".", "nonsense", "12.é")] == [None] * 4


def test_a_device_is_known_on_its_day_only() -> None:
    one = _read("").device
    assert one == _read("", after=50).device
    assert one not in (_read("", address="10.0.0.2").device, _read("", browser="c").device, _read("", days=1).device)
    assert "10.0.0.1" not in one


def test_a_grid_with_the_same_answer_in_every_row_is_straight() -> None:
    same = traces.marks(trace=None, survey=GRID, answers={"g": {"a": "a", "b": "a", "c": "a"}})
    other = traces.marks(trace=None, survey=GRID, answers={"g": {"a": "a", "b": "a", "c": "b"}})
    assert (same, other) == ({"straight": True}, {"straight": False})


def test_what_is_not_known_is_not_there() -> None:
    assert traces.marks(trace=traces.Trace(), survey=GRID, answers={}) == {}
