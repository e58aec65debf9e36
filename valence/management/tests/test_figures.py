"""Promises of figures in a terminal: it is said what was learned from what, and what was not checked."""

from datetime import UTC, datetime

from rich.console import Console

from valence.ledger.queries.versions import ModelCard
from valence.management import figures

KNOWN = datetime(2026, 1, 1, tzinfo=UTC)


def said(told: dict[str, object]) -> str:
    card = ModelCard("v", KNOWN, KNOWN, "telco 1", told, True)
    console = Console(width=200)
    with console.capture() as captured:
        console.print(figures.model_words(card=card))
    return captured.get()


def test_training_says_from_whom_it_learned_and_that_looks_are_no_customers() -> None:
    tested = {"auc": 0.7, "low": 0.6, "high": 0.8, "events": 112, "customers": 9425}
    learned = {"customers": 2400, "interactions": 70_100, "losses": 310, "base_moments": 9300, "30d": tested}
    text = said(learned)
    assert "2,400 customers and 70,100 interactions: 310 customers who left by choice" in text
    assert "9,300 days of customers at random" in text
    assert "looks at customers" in text
    assert "could not be checked" in text


def test_a_model_of_the_packs_own_says_that_it_was_not_tested() -> None:
    assert "Too little is known yet" in said({"losses": 3, "prior_only": True})
