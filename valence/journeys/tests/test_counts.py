import numpy as np

from valence import packs
from valence.journeys import cells, handoffs, links, repeats, weeks
from valence.journeys.tests import cast

PACK = packs.load(name="telco")
MONDAY = 4  # 1970-01-05

TOLD = cast.journey(
    mary=[
        {"day": MONDAY, "kind": "visit", "department": "field", "facts": "late|left_mess"},
        {"day": MONDAY + 1, "kind": "contact", "department": "care", "reason": "complaint", "facts": "unresolved"},
        {"day": MONDAY + 8, "kind": "contact", "department": "care", "reason": "complaint"},
    ],
    john=[{"day": MONDAY + 6.9, "kind": "visit", "department": "field", "facts": "late"}],
)
REGIONS = cast.regions("coast", "")


def test_a_week_begins_on_monday():
    days = np.array([MONDAY, MONDAY + 6.99, MONDAY + 7, MONDAY - 0.01])
    assert weeks.monday(days).tolist() == [MONDAY, MONDAY, MONDAY + 7, MONDAY - 7]


def told(table):
    """Return the cells as a dictionary from (week, words ...) to counts."""
    words = [column.said() for column in table.words.values()]
    counts = [column.tolist() for column in table.counts.values()]
    return dict(zip(zip(table.week.tolist(), *words, strict=True), zip(*counts, strict=True), strict=True))


def test_week_counts_tell_interactions_and_customers_of_each_fact_and_of_all():
    found = told(weeks.count(journeys=TOLD, regions=REGIONS))
    assert found[(MONDAY, "coast", "visit", "field", "late")] == (1, 1)
    assert found[(MONDAY, "", "visit", "field", "late")] == (1, 1)
    assert found[(MONDAY + 7, "coast", "contact", "care", "")] == (1, 1)
    assert sum(times for (*_, fact), (times, _) in found.items() if not fact) == len(TOLD)


def test_a_customer_with_two_rows_in_a_cell_is_one_customer():
    three = cast.journey(*[{"day": MONDAY + day, "kind": "bill"} for day in range(3)])
    assert told(weeks.count(journeys=three, regions=cast.regions("coast"))) == {
        (MONDAY, "coast", "bill", "", ""): (3, 1)
    }


def test_hand_offs_are_counted_in_the_week_of_what_they_led_to():
    found = links.infer(journeys=TOLD, pack=PACK)
    assert told(handoffs.count(journeys=TOLD, links=found, regions=REGIONS)) == {
        (MONDAY, "coast", "field", "care"): (1, 1),
        (MONDAY + 7, "coast", "care", "care"): (1, 1),
    }


def test_counts_of_parts_add_up_though_each_part_knows_other_words():
    other = cast.journey({"day": MONDAY, "kind": "a", "department": "x"}, {"day": MONDAY, "kind": "visit"})
    parts = [
        weeks.count(journeys=TOLD, regions=REGIONS),
        weeks.count(journeys=other, regions=cast.regions("valley")),
        weeks.count(journeys=TOLD, regions=REGIONS),
    ]
    together = told(cells.joined(parts=parts))
    assert together[(MONDAY, "coast", "visit", "field", "late")] == (2, 2)
    assert together[(MONDAY, "valley", "a", "x", "")] == (1, 1)


def test_a_contact_about_the_same_matter_within_two_weeks_is_a_repeat():
    found = repeats.find(journeys=TOLD, pack=PACK)
    assert (found.row.tolist(), found.first.tolist(), found.after_days.tolist()) == ([2], [1], [7.0])
    assert not len(repeats.find(journeys=TOLD, pack=PACK, within_days=6.0).row)


def test_equal_rows_are_counted_with_negative_codes_and_without_rows():
    columns = (np.array([-1, 3, -1]), np.array([5, 5, 5]))
    found, place, times = cells.unique(columns=columns)
    assert [column.tolist() for column in found] == [[-1, 3], [5, 5]]
    assert (place.tolist(), times.tolist()) == ([0, 1, 0], [2, 1])
    assert cells.unique(columns=(np.array([], int),))[2].tolist() == []
