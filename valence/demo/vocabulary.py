"""The words that the made-up operator writes into its files, and their codes in columns."""

from __future__ import annotations

from collections.abc import Sequence

KINDS = ("contact", "visit", "order", "bill", "outage", "campaign", "message", "feedback", "promise", "renewal")
DEPARTMENTS = ("marketing", "sales", "store", "digital", "field", "care", "billing", "network")
FACTS = (
    "late", "no_show", "left_mess", "not_fixed", "unresolved", "repeat", "misinformed", "irrelevant",
    "fee_not_mentioned", "extra_mile", "on_time", "fixed", "resolved",
)  # fmt: skip
CHANNELS = ("phone", "store", "chat", "app", "email", "sms", "post", "on_site")
TOUCHPOINTS = (
    "call_centre", "shop", "chat", "app", "newsletter", "installation", "repair", "invoice", "line",
    "relationship_survey", "contact_survey", "visit_survey", "contract_page", "credit", "call_back", "door", "web_shop",
)  # fmt: skip
REASONS = (
    "fault", "bill", "order", "house_move", "upgrade", "question", "contract_enquiry", "failed_visit", "outage",
    "complaint", "fee", "usage", "credit", "call_back", "offer", "payment_reminder", "service_news", "price_rise",
    "new_customer", "revisit",
)  # fmt: skip
SOURCES = ("crm", "billing", "network", "survey", "app", "marketing")
PROMISES = ("made", "kept", "broken")
SCALES = ("nps", "csat", "ces")
LANGUAGES = ("en", "es", "de", "fr", "pt")
TOPICS = ("visit", "mess", "care", "bill", "promise", "network", "offer", "good", "neutral", "leaving")

VOCABULARIES: dict[str, Sequence[str]] = {
    "kind": KINDS, "department": DEPARTMENTS, "channel": CHANNELS, "touchpoint": TOUCHPOINTS, "reason": REASONS,
    "source": SOURCES, "promise": PROMISES, "scale": SCALES, "language": LANGUAGES, "topic": TOPICS,
}  # fmt: skip
BITS = {fact: 1 << number for number, fact in enumerate(FACTS)}


def code(*, column: str, word: str) -> int:
    """Return the code of a word in its column's vocabulary; -1 for ""."""
    return VOCABULARIES[column].index(word) if word else -1


def facts_said() -> list[str]:
    """Return what every combination of facts is written as, indexed by its bit mask."""
    said = [""]
    for fact in FACTS:
        said += [f"{before}|{fact}" if before else fact for before in said]
    return said
