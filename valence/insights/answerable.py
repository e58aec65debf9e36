"""The questions of a retention manager: how surely the data answers each, and what one more column would buy. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from valence.insights import say
from valence.insights.holdings import Answered, Buys, Holdings, Rows, Sureness

FEW_LOSSES = 60
FEWEST_LOSSES = 8
MOSTLY, PARTLY = 0.6, 0.05
EARLY_MONTHS = 6

# How often the department that caused a loss most was named right on made-up operators whose truth is known, by the
# number of losses to learn from on: (losses, share, its 95 % range). Measured as docs/insights.md says.
NAMED_RIGHT: tuple[tuple[int, float, float, float], ...] = (
    (0, 0.73, 0.62, 0.83),
    (49, 0.77, 0.69, 0.83),
    (116, 0.69, 0.59, 0.77),
    (310, 0.77, 0.71, 0.81),
)


def _who_leaves(have: Holdings) -> Answered:
    question = "Who is about to leave?"
    if have.losses < FEWEST_LOSSES:
        words = f"{have.losses} losses teach next to nothing: the weights of experts are used until there are more."
        level = Sureness.NO if not have.customers else Sureness.PARTLY
    elif have.losses < FEW_LOSSES:
        words = f"{have.losses} losses: below {FEW_LOSSES} the weights of experts lead, and your data bends them."
        level = Sureness.PARTLY
    else:
        words = f"{say.count(have.losses)} losses: Valence learns from them, and says how well it foretold unseen ones."
        level = Sureness.YES if have.months >= EARLY_MONTHS else Sureness.PARTLY
    return Answered(question, level, words, Rows("losses"))


def _which_department(have: Holdings) -> Answered:
    share = have.share("department")
    rows = Rows("losses")
    question = "Which department lost them?"
    if share < PARTLY:
        return Answered(question, Sureness.NO, f"Only {say.percent(share)} of interactions name a department.", rows)
    right, low, high = named_right(losses=have.losses)
    words = (
        f"{say.count(have.losses)} losses, and {say.percent(share)} of interactions name a department. With so many, "
        f"it was named right for {say.percent(right)} ({say.percents(low, high)}) of the losses of made-up operators."
    )
    enough = have.losses >= FEW_LOSSES and share >= MOSTLY
    return Answered(question, Sureness.YES if enough else Sureness.PARTLY, words, rows)


def _hand_offs(have: Holdings) -> Answered:
    named = have.share("caused_by")
    share = named - (have.dangling / have.interactions if have.interactions else 0.0)
    question = "Between which departments does it leak?"
    if have.share("department") < PARTLY:
        return Answered(question, Sureness.NO, "Without departments there are no hand-offs.", Rows("interactions"))
    if share >= MOSTLY:
        words = f"{say.percent(share)} of interactions say what led to them, and it is here."
        return Answered(question, Sureness.YES, words, Rows("handoffs"))
    words = (
        f"{say.percent(share)} of links are recorded; the others are inferred from what usually follows what, and are "
        "marked so."
    )
    if have.dangling:
        words += (
            f" {say.percent(have.dangling / max(1, have.filled.get('caused_by', 0)))} of recorded causes are not here."
        )
    return Answered(question, Sureness.PARTLY, words, Rows("handoffs"))


def _promises(have: Holdings) -> Answered:
    made, told = have.filled.get("promised_at", 0), have.filled.get("promise", 0)
    question = "Which promises do we break?"
    if not made and not told:
        return Answered(question, Sureness.NO, "No interaction says what was promised, or for when.", Rows())
    level = Sureness.YES if made and told else Sureness.PARTLY
    words = (
        f"{say.count(made)} interactions say for when something was promised, {say.count(told)} whether it was kept."
    )
    return Answered(question, level, words, Rows("promises"))


def _bills(have: Holdings) -> Answered:
    question = "Do unexpected bills drive people away?"
    if not have.bills:
        return Answered(question, Sureness.NO, "There are no bills with an amount.", Rows())
    share = have.bills_expected / have.bills
    words = f"{say.percent(share)} of {say.count(have.bills)} bills say what the customer was told or used to."
    rows = Rows("interactions", {"kind": "bill"})
    return Answered(question, _level(share), words, rows)


def _waiting(have: Holdings) -> Answered:
    share = max(have.share("wait_minutes"), have.share("duration_minutes"))
    words = f"{say.percent(share)} of interactions say how long somebody waited or how long it took."
    return Answered(
        "What does waiting cost?",
        Sureness.NO if not share else _level(share / 0.25),
        words,
        Rows("interactions", {"says": "wait_minutes"}),
    )


def _voice(have: Holdings) -> Answered:
    texts, scores = have.filled.get("text", 0), have.filled.get("score", 0)
    level = Sureness.YES if texts and scores else Sureness.PARTLY if texts or scores else Sureness.NO
    scales = ", ".join(sorted(have.scales)) or "no scale"
    words = f"{say.count(texts)} texts and {say.count(scores)} scores ({scales})."
    return Answered("What do customers say?", level, words, Rows("interactions", {"kind": "feedback"}))


def _money(have: Holdings) -> Answered:
    share = have.of_customers("monthly_value")
    words = f"{say.percent(share)} of customers have a monthly value."
    return Answered("How much money is at risk?", _level(share), words, Rows("customers"))


def _regions(have: Holdings) -> Answered:
    share = have.of_customers("region")
    words = f"{say.percent(share)} of customers have a region; those without are seen only by who may see all."
    return Answered("Where is it worst?", _level(share), words, Rows("customers"))


def _teams(have: Holdings) -> Answered:
    share = have.share("team_id")
    words = f"{say.percent(share)} of interactions say which team handled them."
    return Answered("Which teams do well?", _level(share), words, Rows("interactions", {"says": "team_id"}))


QUESTIONS: tuple[Callable[[Holdings], Answered], ...] = (
    _who_leaves, _which_department, _hand_offs, _promises, _bills, _waiting, _voice, _money, _regions, _teams,
)  # fmt: skip


def named_right(*, losses: int) -> tuple[float, float, float]:
    """Return how often the department was named right with so many losses on made-up operators, and its 95 % range."""
    _, right, low, high = [one for one in NAMED_RIGHT if one[0] <= losses][-1]
    return right, low, high


def _level(share: float) -> Sureness:
    return Sureness.YES if share >= MOSTLY else Sureness.PARTLY if share >= PARTLY else Sureness.NO


OPENS: tuple[tuple[str, str, str], ...] = (
    ("customers", "left_at", "the day each customer left: without it nothing can be learned, and nobody is lost"),
    ("interactions", "department", "which department lost a customer, and between which departments it leaks"),
    ("interactions", "facts", "what went wrong (late, no_show, not_fixed ...): it is what departments are blamed for"),
    ("interactions", "caused_by", "which interaction led to which: roots are named from records instead of inferred"),
    ("interactions", "promised_at", "promises: overdue ones on Today, and broken ones as a cause"),
    ("interactions", "promise", "which promises were kept: praise for those who keep them"),
    ("interactions", "expected_amount", "unexpected bills: what was billed above what the customer was told"),
    ("interactions", "wait_minutes", "what ten minutes of waiting cost"),
    ("interactions", "transfers", "what being passed on costs"),
    ("interactions", "score", "what customers answer, beside what they do"),
    ("interactions", "text", "what they say in their own words: themes, tone, intents"),
    ("interactions", "team_id", "which teams do well, and who should learn from whom"),
    ("customers", "monthly_value", "money at risk, and calling those first whose loss costs most"),
    ("customers", "region", "where it is worst, and the pressure of competitors in a region"),
    ("customers", "left_kind", "losses by choice apart from non-payment and moving away"),
    ("customers", "segment", "comparing groups of customers"),
)
MOST_SHOWN = 6


def buys(*, holdings: Holdings) -> Iterator[Buys]:
    """Yield the columns that nobody says yet and that would open most, the most useful first."""
    have = holdings
    missing = (
        Buys(column, of, words)
        for of, column, words in OPENS
        if (have.of_customers(column) if of == "customers" else have.share(column)) == 0
    )
    yield from (one for _, one in zip(range(MOST_SHOWN), missing, strict=False))
