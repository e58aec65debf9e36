"""Answers in a terminal: what does not fit side by side is told one below the other, and nothing is cut."""

from valence.management.commands import sql


def test_many_columns_are_told_one_below_the_other_without_those_that_say_nothing() -> None:
    rows = [
        {f"column_{number}": None if number == 3 else f"{number}/{row}" for number in range(12)} for row in range(7)
    ]
    shown = str(sql._table(rows))
    assert "column_0   0/0\ncolumn_1   1/0\ncolumn_2   2/0\ncolumn_4" in shown
    assert "11/4" in shown
    assert "11/5" not in shown
    assert shown.endswith("5 of 7 rows")


def test_few_columns_stay_a_table_and_no_rows_are_said() -> None:
    assert sql._table([]) == "No rows."
    assert not isinstance(sql._table([{"kind": "contact", "n": 3}]), str)
