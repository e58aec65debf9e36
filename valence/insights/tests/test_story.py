"""Promises of the words about customers, losses and hand-offs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from valence import packs, terms
from valence.insights import before_contact, bond_words, encounters, handoffs, promises, responsibility, story
from valence.insights.encounters import Effect, Encounter, Sign
from valence.ledger.queries.handoffs import HandoffLinks
from valence.ledger.queries.losses import HandoffLosses, LossRow, ShareRow
from valence.terms import LossVerdict

NOW = datetime(2026, 5, 12, 12, tzinfo=UTC)
PACK = packs.load()


def journey(*rows: dict[str, object]) -> terms.Journeys:
    """One customer's rows: `days` ago, and columns by name."""

    def word(name: str) -> terms.Words:
        said = [str(row.get(name, "")) for row in rows]
        vocabulary = tuple(dict.fromkeys(one for one in said if one))
        codes = np.array([vocabulary.index(one) if one else -1 for one in said], np.int32)
        return terms.Words(codes, vocabulary)

    at = np.array([terms.days(NOW) - float(str(row["days"])) for row in rows])
    return terms.Journeys(
        keys=np.array([7]),
        starts=np.array([0, len(rows)]),
        occurred=at,
        recorded=at,
        words={name: word(name) for name in terms.WORD_COLUMNS},
        numbers={name: np.array([float(str(row.get(name, "nan"))) for row in rows]) for name in terms.NUMBER_COLUMNS},
        texts={
            name: np.array(
                [row.get(name, f"i{n}" if name == "interaction_id" else "") for n, row in enumerate(rows)], object
            )
            for name in terms.TEXT_COLUMNS
        },
    )


def told(*rows: dict[str, object], effects: dict[int, Effect] | None = None) -> tuple[Encounter, ...]:
    return encounters.read(journeys=journey(*rows), pack=PACK, effects=effects or {}, links=None, now=NOW)


def harm(change: float = -20.0) -> Effect:
    return Effect(before=70.0, after=70.0 + change, low=60.0, high=80.0, is_signal=False)


LATE = {"days": 67, "kind": "visit", "department": "field", "facts": "late|left_mess"}
BILL = {"days": 40, "kind": "bill", "department": "billing", "amount": 113, "expected_amount": 64}
CALL = {
    "days": 38,
    "kind": "contact",
    "department": "care",
    "channel": "phone",
    "reason": "bill",
    "facts": "unresolved",
}


@pytest.mark.parametrize(
    ("row", "title"),
    [
        (LATE, "Visit: came late, left a mess"),
        (BILL, "Bill €49 above what was told"),
        (CALL, "Call about bill: not resolved"),
        ({"days": 1, "kind": "feedback", "score": 3, "scale": "nps"}, "Feedback: answered 3 of 10"),
        ({"days": 1, "kind": "promise", "promise": "broken", "reason": "credit"}, "Promise broken: credit"),
        ({"days": 1, "kind": "meter_reading", "facts": "no_access"}, "Meter reading: no access"),
        ({"days": 1, "kind": "outage", "outage_hours": 6}, "Outage: 6 h without service"),
    ],
)
def test_a_title_says_what_it_was_and_what_went_wrong(row: dict[str, object], title: str) -> None:
    assert told(row)[0].title == title


def test_a_link_is_said_with_its_rule_and_marked_when_inferred() -> None:
    links = terms.Links(
        effect=np.array([1]),
        cause=np.array([0]),
        inferred=np.array([True]),
        rule=np.array([1], np.int32),
        rules=("recorded", "a contact about"),
    )
    both = encounters.read(journeys=journey(BILL, CALL), pack=PACK, effects={}, links=links, now=NOW)
    assert both[0].cause is None
    assert both[1].cause == encounters.Cause(row=0, words="a contact about the bill of 2 Apr, Billing", inferred=True)


@pytest.mark.parametrize(
    ("effect", "sign"),
    [
        (None, Sign.NONE),
        (harm(), Sign.HARM),
        (harm(12), Sign.PRAISE),
        (harm(0.1), Sign.NONE),
        (Effect(70, 70, 60, 80, is_signal=True), Sign.SIGNAL),
    ],
)
def test_a_signal_is_never_harm(effect: Effect | None, sign: Sign) -> None:
    assert encounters.sign_of(effect) is sign


def loss(**changes: object) -> LossRow:
    given: dict[str, object] = {
        "key": 7, "left_at": NOW, "joined_at": NOW - timedelta(days=103), "verdict": LossVerdict.OURS,
        "attributable": 0.8,
        "attributable_low": 0.68, "attributable_high": 0.88, "margin": 0.3, "top_department": "billing",
        "top_source": "crm", "top_interaction_id": "i1", "root_department": "sales", "root_source": "crm",
        "root_interaction_id": "i0", "began_department": "sales", "hurt_department": "billing",
        "began_words": "Order: fee not mentioned", "hurt_words": "Bill: bill above what was told",
        "competitor_pressure": 1.0, "model": "m", "region": "Valley", "segment": "Single", "plan": "",
        "monthly_value": 46.0, "left_reason": "price",
    }  # fmt: skip
    return LossRow(**{**given, **changes})  # type: ignore[arg-type]


def share(name: str, department: str, effect: float, *, root: str = "sales") -> ShareRow:
    return ShareRow(
        source="",
        interaction_id=name,
        occurred_at=NOW - timedelta(days=40),
        kind="bill",
        department=department,
        words="bill above what was told",
        effect=effect,
        effect_low=effect - 0.2,
        effect_high=effect + 0.2,
        p_would_have_stayed=max(0.0, 1 - np.exp(-effect)),
        p_low=0.1,
        p_high=0.9,
        root_source="crm",
        root_interaction_id="i0",
        root_department=root,
    )


SHARES = (share("i0", "field", 0.3, root="field"), share("i1", "billing", 1.0), share("i2", "care", -0.2))


def test_shares_of_ours_add_up_to_the_verdict_on_both_sides() -> None:
    division = responsibility.divide(loss=loss(), shares=SHARES)
    began = sum(one.began.value for one in division.departments if one.began)
    hurt = sum(one.hurt.value for one in division.departments if one.hurt)
    assert began == pytest.approx(0.8)
    assert hurt == pytest.approx(0.8)
    assert division.ours.value + division.not_ours.value == pytest.approx(1)
    assert "care" not in [one.department for one in division.departments]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_whole_percents_add_up(parts: list[float]) -> None:
    whole = sum(parts)
    if whole == 0:
        return
    scaled = [part / whole * 0.8 for part in parts]
    assert sum(responsibility.whole_percents(scaled, total=0.8)) == 80


def test_without_all_failures_comes_first_and_a_chain_only_where_it_has_links() -> None:
    rows = responsibility.without(loss=loss(), shares=SHARES, say_department=str.title)
    assert rows[0].everything
    assert rows[0].part.value == 0.8
    praised = (*SHARES, share("i3", "care", 1.0), share("i4", "care", -1.0))
    more = responsibility.without(loss=loss(), shares=praised, say_department=str.title)
    assert more[0].part.value == pytest.approx(1 - np.exp(-2.3))
    assert rows[1].words == "Fee not mentioned"
    alone = responsibility.without(loss=loss(), shares=SHARES[:1], say_department=str.title)
    assert len(alone) == 2


def test_a_story_names_departments_in_the_order_in_which_they_came_in() -> None:
    seen = told(LATE, BILL, CALL, effects={0: harm(), 1: harm(-30), 2: harm(-5)})
    words = story.tell(loss=loss(), encounters=seen, shares=SHARES, name="Mary")
    assert words.index("**Field**") < words.index("**Billing**")
    assert "€49 above what was told (2 Apr)" in words
    assert "Mary left 40 days after the last of these." in words
    assert "competitor" not in words


def test_strong_pressure_is_told_and_is_a_limit() -> None:
    pressed = loss(competitor_pressure=1.4)
    seen = told(BILL, effects={0: harm()})
    assert "40\u202f% more customers than usual left in Valley" in story.tell(
        loss=pressed, encounters=seen, shares=SHARES, name="Mary"
    )
    limits = story.cannot_say(
        loss=pressed, encounters=seen, inferred=2, links=3, dangling=0, knows=PACK.knows, name="Mary"
    )
    assert any("What a competitor offered" in limit for limit in limits)
    assert any("Two of the three causes were not found on record" in limit for limit in limits)
    assert any("no answer to a survey" in limit for limit in limits)


def test_a_cause_that_is_named_and_not_here_is_told_apart_from_one_that_nobody_recorded() -> None:
    seen = told(LATE)
    limits = story.cannot_say(
        loss=loss(), encounters=seen, inferred=1, links=1, dangling=1, knows=PACK.knows, name="Mary"
    )
    assert any("One recorded cause is not here" in limit for limit in limits)


def test_unknown_words_are_a_limit() -> None:
    seen = told({"days": 3, "kind": "meter_reading", "facts": "no_access"})
    limits = story.cannot_say(
        loss=loss(), encounters=seen, inferred=0, links=0, dangling=0, knows=PACK.knows, name="Mary"
    )
    assert any("“meter_reading” and “no_access”" in limit for limit in limits)


def test_a_loss_that_was_not_ours_has_no_failure_in_its_headline() -> None:
    assert story.headline(loss=loss(verdict=LossVerdict.NOT_OURS)) == "Nothing we did explains it"
    assert story.headline(loss=loss()) == "Fee not mentioned, then bill above what was told"


def test_what_counted_is_harm_though_the_bond_could_fall_no_further() -> None:
    seen = told(LATE, effects={0: harm(-0.1)})
    assert seen[0].sign is Sign.NONE
    assert story.judged(encounters=seen, shares=SHARES)[0].sign is Sign.HARM


def losses(**counts: int) -> list[HandoffLosses]:
    return [HandoffLosses(*pair.split("_"), losses=n, monthly_value=10.0 * n, words="x") for pair, n in counts.items()]


def test_small_hand_offs_are_counted_together_and_nothing_is_lost() -> None:
    picture = handoffs.look(losses=losses(sales_billing=46, field_care=3, care_care=2, field_field=1), links=())
    assert [row.losses for row in picture.rows] == [46, 6]
    assert sum(row.losses for row in picture.rows) == picture.ours == 52
    assert picture.rows[1].pairs == (("field", "care"), ("care", "care"), ("field", "field"))


def test_one_small_hand_off_cannot_be_worked_out_from_the_total() -> None:
    picture = handoffs.look(losses=losses(sales_billing=46, field_care=9, care_care=2), links=())
    assert [row.losses for row in picture.rows] == [46, 11]


def test_rates_are_per_thousand_of_what_passed_through() -> None:
    links = [HandoffLinks("sales", "billing", 3910, 900)]
    picture = handoffs.look(
        losses=losses(sales_billing=46), links=links, names=[("sales", "Sales"), ("billing", "Billing")]
    )
    row = picture.rows[0]
    assert row.name == "Sales → Billing"
    assert row.rate == pytest.approx(11.76, abs=0.01)
    assert row.rate_likely is not None
    assert row.rate_likely.low < row.rate < row.rate_likely.high
    assert handoffs.finding(picture, before=19).startswith("**Sales → Billing** lost the most: 46 of the 46")
    assert "19 in as many days before" in handoffs.finding(picture, before=19)


def test_small_hand_offs_of_one_department_stand_together_where_they_are_enough() -> None:
    picture = handoffs.look(losses=losses(a_b=9, s_b=4, s_c=3, f_c=3, n_c=2, n_b=1), links=())
    assert [(row.name, row.losses) for row in picture.rows] == [
        ("a → b", 9),
        ("s → several others", 7),
        ("Three smaller hand-offs", 6),
    ]
    assert [handoffs.ends(row, said={}) for row in picture.rows] == [
        ("a", "b"),
        ("s", "Smaller ones"),
        ("Smaller ones", "Smaller ones"),
    ]


def test_the_leakiest_is_named_only_where_it_is_more_than_chance_and_leads_elsewhere() -> None:
    links = [HandoffLinks("f", "c", 150, 0), HandoffLinks("c", "c", 100, 0), HandoffLinks("s", "b", 6000, 0)]
    picture = handoffs.look(losses=losses(s_b=20, f_c=9, c_c=9), links=links)
    assert "Between departments **f → c** leaks most: 60.0 lost" in handoffs.finding(picture, before=None)
    few = handoffs.look(losses=losses(s_b=20, f_c=20), links=[HandoffLinks(*pair, 5000, 0) for pair in ("sb", "fc")])
    assert "leaks" not in handoffs.finding(few, before=None)


def test_what_was_lost_within_a_department_is_no_hand_off_so_the_largest_between_is_named_beside_it() -> None:
    picture = handoffs.look(losses=losses(f_f=20, s_b=9), links=())
    said = handoffs.finding(picture, before=None)
    assert said.startswith("Most were lost **within f**: 20 of the 29 that were ours")
    assert said.endswith("Between departments **s → b** lost the most: 9.")


def test_that_a_promise_was_made_is_not_what_weakened() -> None:
    order = {"days": 30, "kind": "order", "department": "sales", "facts": "fee_not_mentioned", "promise": "made"}
    seen = told(order, effects={0: harm(-10)})
    assert seen[0].went == "fee not mentioned, promise made"
    assert seen[0].short == "Fee not mentioned"


def test_what_is_owed_says_how_late_it_is() -> None:
    seen = told({"days": 38, "kind": "promise", "department": "care", "promise": "made", "reason": "credit"})
    owed = promises.tell(settled=[promises.Settled(0, NOW - timedelta(days=24), "overdue", -1, None)], encounters=seen)
    brief = before_contact.brief(encounters=seen, promises=owed, known_until=NOW, now=NOW)
    assert brief.owed == "**Credit**, promised for 18 Apr, 24 days overdue."
    assert promises.counted(owed) == "1 overdue"


def test_before_a_contact_without_a_model_nothing_is_said_of_what_weakened() -> None:
    brief = before_contact.brief(encounters=told(LATE, BILL), promises=(), known_until=NOW, now=NOW)
    assert brief.happened == brief.valued == "Not known: no model has weighed what happened."


def test_before_a_contact_the_worst_is_told_in_order_and_what_came_up_twice_is_not_asked() -> None:
    again = {**CALL, "days": 30, "facts": "repeat"}
    seen = told(LATE, BILL, CALL, again, effects={0: harm(-10), 1: harm(-30), 2: harm(-5), 3: harm(-1)})
    brief = before_contact.brief(encounters=seen, promises=(), known_until=NOW, now=NOW)
    assert brief.happened.startswith("Came late (Field, 6 Mar), then €49 above what was told (Billing, 2 Apr)")
    assert brief.happened.endswith("And one more that weakened the bond.")
    assert brief.do_not_ask == "Bill. It is all below."
    assert brief.owed == "Nothing that is on record."
    assert brief.valued.startswith("Not known")


def test_the_bond_is_compared_with_ninety_days_before() -> None:
    seen = told(LATE, BILL, effects={0: harm(-10), 1: harm(-30)})
    said = bond_words.finding(level=25, low=19, high=31, earlier=76, encounters=seen, at=NOW)
    assert (
        said
        == "2 interactions in the last 90 days took it from **76** to **25** (likely 19–31). Most of it was Billing."
    )
    calm = bond_words.finding(level=75, low=70, high=80, earlier=74, encounters=seen, at=NOW)
    assert "about as 90 days before" in calm


def test_a_year_that_ends_soon_is_told() -> None:
    assert bond_words.tenure(joined=NOW - timedelta(days=725), until=NOW) == "**2 years** in 5 days"
    assert bond_words.tenure(joined=NOW - timedelta(days=103), until=NOW) == "Customer for **103 days**"


def test_where_nearly_all_of_a_chance_lies_in_the_first_month_that_is_said():
    assert (
        bond_words.chance(value=0.32, days=60, sooner=0.32)
        == "About one in 3 within 60 days, nearly all of it within 30."
    )
    assert bond_words.chance(value=0.32, days=60, sooner=0.2) == "About one in 3 within 60 days."
    assert bond_words.chance(value=0.02, days=60, sooner=0.02).endswith("within 60 days.")
